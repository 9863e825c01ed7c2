import { randomUUID } from 'node:crypto';
import { IssueReports } from '#core/domain/issue-reports.ts';
import { StreamQuality } from '#core/domain/quality.ts';
import type { Closable } from '#core/runtime/daemon.ts';
import { Parts } from '#core/runtime/parts.ts';
import { sameSecret } from '#core/runtime/same-secret.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import { Audience } from './audience.ts';
import { Broadcast } from './broadcast.ts';
import { EncoderLoad } from './encoder-load.ts';
import type { HoldGrant } from './grant.ts';
import { Rooms } from './rooms.ts';
import { WatchSessions } from './watch-session.ts';

/** A log line is not the place for a whole letter. */
const loggedDescriptionLength = 200;

/** What is on the air, who watches it and how, and what they say of it. */
export interface Domain extends Closable {
  broadcast: Broadcast;
  audience: Audience;
  sessions: WatchSessions;
  rooms: Rooms;
  quality: StreamQuality;
  encoderLoad: EncoderLoad;
  reports: IssueReports;
}

export function openDomain(
  deps: Pick<ControlContext, 'clock' | 'logger'> & {
    settings: Pick<OpenSettings, 'current' | 'deviceId' | 'watch'>;
    /** Whose connections end with their right. */
    access: { hold: HoldGrant };
  },
): Domain {
  const { settings, access, clock, logger } = deps;
  const parts = new Parts();
  const newId = randomUUID;
  const broadcast = parts.own(new Broadcast({ clock }));
  const audience = parts.own(new Audience({ clock, max: settings.current().viewing.maxViewers }));
  const sessions = parts.own(new WatchSessions({ audience, clock, newId, hold: access.hold }));
  const rooms = new Rooms({
    clock,
    newId,
    sameSecret,
    deviceId: settings.deviceId(),
    deviceName: () => settings.current().device.name,
  });
  const quality = new StreamQuality({ clock });
  const encoderLoad = new EncoderLoad({ clock });
  const reports = new IssueReports({ clock, newId });

  const limitAudience = (): void => {
    audience.setMax(settings.current().viewing.maxViewers);
    audience.setMaxPerAddress(settings.current().viewing.maxPerAddress);
  };
  limitAudience();
  settings.watch('viewing.', (changed) => {
    const ofPin = changed.includes('viewing.access') || changed.includes('viewing.pin');
    if (ofPin && settings.current().viewing.access === 'pin') audience.forgetHls();
    limitAudience();
  });
  broadcast.events.on('broadcastEnded', () => {
    rooms.pardonAll();
    audience.pardonAll();
  });

  broadcast.events.on('broadcastChanged', ({ current }) => {
    logger.info({ state: current.state, reason: current.reason?.code }, 'broadcast changed');
  });
  // signaling.md, "Server": "Log important events: Watch sessions, errors".
  sessions.events.on('watchOpened', (session) => logger.info(session, 'a watch session has begun'));
  sessions.events.on('watchConnected', (session) => logger.info(session, 'a watch session is connected'));
  sessions.events.on('watchEnded', (session) => logger.info(session, 'a watch session has ended'));
  reports.events.on('issueReported', ({ viewerId, issueType, severity, description }) => {
    logger.info(
      { viewerId, issueType, severity, description: description.slice(0, loggedDescriptionLength) },
      'a viewer reports an issue',
    );
  });
  return {
    broadcast,
    audience,
    sessions,
    rooms,
    quality,
    encoderLoad,
    reports,
    close: () => parts.close(),
  };
}
