import { join } from 'node:path';
import { presenceOf } from '#core/domain/telemetry.ts';
import type { Closable } from '#core/runtime/daemon.ts';
import type { Access } from '../access/open-access.ts';
import type { Board } from '../board/open-board.ts';
import type { Domain } from '../domain/open-domain.ts';
import type { Route } from '../http/router.ts';
import type { Link } from '../link/open-link.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import type { Start } from '../start/open-start.ts';
import { deviceRoutes } from './device-routes.ts';
import type { DeviceSwitchboard } from './device-switchboard.ts';
import { Hub } from './hub.ts';

export interface OpenHub extends Closable {
  switchboard: DeviceSwitchboard;
  routes: Route[];
}

/** Other boxes. An optional part: the box serves its own viewers without a hub. */
export async function openHub(
  deps: Pick<ControlContext, 'paths' | 'clock' | 'logger'> & {
    settings: Pick<OpenSettings, 'current' | 'deviceId' | 'watch'>;
    access: Pick<Access, 'tokens'>;
    board: Pick<Board, 'telemetry'>;
    domain: Pick<Domain, 'broadcast' | 'sessions'>;
    link: Pick<Link, 'egress'>;
    start: Pick<Start, 'optional' | 'torn'>;
  },
): Promise<OpenHub> {
  const { paths, clock, logger, settings, access, board, domain, link, start } = deps;
  const { broadcast, sessions } = domain;
  const { egress } = link;
  const presence = () => presenceOf(board.telemetry.current, broadcast.snapshot.state === 'live');
  const hub = new Hub({
    settings: settings.current,
    path: join(paths.dataDirectory, 'devices.json'),
    sessions,
    own: egress,
    presence,
    tokens: access.tokens,
    clock,
    logger,
    report: (part, problem) => start.optional.report(part, problem),
    torn: start.torn,
  });
  broadcast.events.on('broadcastStarted', () => hub.announcePresence());
  broadcast.events.on('broadcastEnded', () => hub.announcePresence());
  board.telemetry.events.on('telemetryChanged', () => hub.announcePresence());
  settings.watch('', () => hub.applySettings());
  // Another store means another hub: starting afresh is simplest, and takes nothing from viewers.
  settings.watch('hub.redisUrl', () => process.kill(process.pid, 'SIGTERM'));
  await start.optional.start({
    name: 'hub',
    failing: 'The hub cannot be used',
    action: 'Check the hub settings (hub.url, hub.key, hub.redisUrl). The box tries again by itself.',
    start: () => hub.start(),
  });
  return {
    switchboard: hub.switchboard,
    routes: deviceRoutes({
      store: hub.store,
      switchboard: hub.switchboard,
      own: () => ({
        id: settings.deviceId(),
        name: settings.current().device.name,
        device: egress,
        presence: presence(),
      }),
    }),
    close: () => hub.close(),
  };
}
