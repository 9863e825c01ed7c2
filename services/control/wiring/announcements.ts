import type { IssueReports } from '#core/domain/issue-reports.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Telemetry } from '../board/telemetry.ts';
import type { BroadcastDirector } from '../broadcast/broadcast-director.ts';
import type { Lancast } from '../dialects/lancast.ts';
import type { Audience } from '../domain/audience.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { WatchSessions } from '../domain/watch-session.ts';
import type { Hub } from '../hub/hub.ts';
import type { LinkHost } from '../link/link-host.ts';
import type { Lan } from '../network/lan.ts';
import type { Outputs } from '../outputs/outputs.ts';
import type { EventStream } from '../status/event-stream.ts';

/** A log line is not the place for a whole letter. */
const loggedDescriptionLength = 200;

/**
 * One event, and every surface that shows a whole status says the same.
 * @returns what announces a change that has no event here
 */
export function announceChanges(options: {
  lancast: Lancast;
  events: EventStream;
  hub: Hub;
  broadcast: Broadcast;
  audience: Audience;
  telemetry: Telemetry;
  reports: IssueReports;
  sessions: WatchSessions;
  director: BroadcastDirector;
  link: LinkHost;
  lan: Lan;
  outputs: Outputs;
  logger: Logger;
}): () => void {
  const {
    lancast,
    events,
    hub,
    broadcast,
    audience,
    telemetry,
    reports,
    director,
    link,
    lan,
    outputs,
    logger,
  } = options;
  logWatchSessions(options.sessions, logger);
  const announce = (): void => {
    lancast.announce();
    events.announce();
  };
  broadcast.events.on('broadcastChanged', ({ current }) => {
    logger.info({ state: current.state, reason: current.reason?.code }, 'broadcast changed');
    announce();
    lan.advertise();
  });
  lan.events.on('lanChanged', announce);
  outputs.events.on('outputsChanged', () => events.announce());
  broadcast.events.on('broadcastStarted', () => hub.announcePresence());
  broadcast.events.on('broadcastEnded', () => hub.announcePresence());
  audience.events.on('audienceChanged', announce);
  telemetry.events.on('telemetryChanged', () => {
    events.announce();
    hub.announcePresence();
  });
  reports.events.on('issueReported', ({ viewerId, issueType, severity, description }) => {
    logger.info(
      { viewerId, issueType, severity, description: description.slice(0, loggedDescriptionLength) },
      'a viewer reports an issue',
    );
    events.announce();
  });
  director.events.on('advancingChanged', () => events.announce());
  link.events.on('joined', () => events.announce());
  link.events.on('left', () => events.announce());
  link.events.on('egress', ({ type }) => {
    if (type === 'egress_ready') events.announce();
  });
  link.events.on('media', ({ type }) => {
    if (type === 'media_state') announce();
  });
  return announce;
}

/** signaling.md, "Server": "Log important events: Watch sessions, errors". */
function logWatchSessions({ events }: WatchSessions, logger: Logger): void {
  events.on('watchOpened', (session) => logger.info(session, 'a watch session has begun'));
  events.on('watchConnected', (session) => logger.info(session, 'a watch session is connected'));
  events.on('watchEnded', (session) => logger.info(session, 'a watch session has ended'));
}
