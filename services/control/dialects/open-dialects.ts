import type { Closable } from '#core/runtime/daemon.ts';
import type { Access } from '../access/open-access.ts';
import type { Broadcasting } from '../broadcast/open-broadcast.ts';
import type { Domain } from '../domain/open-domain.ts';
import type { OpenHub } from '../hub/open-hub.ts';
import type { Link } from '../link/open-link.ts';
import { ViewerPings } from '../metrics/viewer-pings.ts';
import type { Network } from '../network/open-network.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { Dialect } from '../sockets/dialect.ts';
import type { ControlContext } from '../start/context.ts';
import type { OpenStatus } from '../status/open-status.ts';
import { DeviceSignaling } from './device-signaling.ts';
import { Lancast } from './lancast.ts';
import { Loudsync } from './loudsync/loudsync.ts';
import { Nova } from './nova/nova.ts';
import { streamFactsFrom } from './nova/stream-facts.ts';
import { StreamSync } from './streamsync/streamsync.ts';
import { ViewerSignaling } from './viewer-signaling.ts';

export interface Dialects extends Closable {
  all: readonly Dialect[];
  /** What Nova's viewers answer. */
  viewerPings: ViewerPings;
}

/** The documented protocols, each on its path. */
export function openDialects(
  deps: Pick<ControlContext, 'clock' | 'logger'> & {
    settings: Pick<OpenSettings, 'current' | 'watch'>;
    access: Pick<Access, 'identity' | 'iceServers'>;
    domain: Domain;
    network: Pick<Network, 'lan'>;
    link: Pick<Link, 'host'>;
    broadcasting: Pick<Broadcasting, 'director'>;
    hub: Pick<OpenHub, 'switchboard'>;
    status: Pick<OpenStatus, 'report'>;
  },
): Dialects {
  const { clock, logger, link, status } = deps;
  const settings = deps.settings.current;
  const { identity, iceServers } = deps.access;
  const { audience, broadcast, sessions, rooms, quality, encoderLoad, reports } = deps.domain;
  const { director } = deps.broadcasting;
  const { switchboard } = deps.hub;

  const lancast = new Lancast({ audience, identity, stream: () => status.report.lancast, clock });
  const announce = (): void => lancast.announce();
  broadcast.events.on('broadcastChanged', announce);
  audience.events.on('audienceChanged', announce);
  deps.network.lan.events.on('lanChanged', announce);
  link.host.events.on('media', ({ type }) => {
    if (type === 'media_state') announce();
  });
  deps.settings.watch('', announce);

  const viewers = new ViewerSignaling({
    identity,
    sessions,
    device: (id) => switchboard.find(id),
    iceServers,
    clock,
    logger,
  });
  const devices = new DeviceSignaling({ switchboard, clock, logger });
  const viewerPings = new ViewerPings();
  const nova = new Nova({
    identity,
    audience,
    broadcast,
    quality,
    encoderLoad,
    reports,
    facts: streamFactsFrom({ settings, director, broadcast, quality }),
    statistics: viewerPings,
    clock,
  });
  nova.start();
  const loudsync = new Loudsync({ rooms, identity, clock });
  const streamSync = new StreamSync({ rooms, identity, clock });
  return {
    all: [lancast, nova, viewers, devices, loudsync, streamSync],
    viewerPings,
    close: () => nova.close(),
  };
}
