import type { Clock } from '#core/domain/clock.ts';
import type { IssueReports } from '#core/domain/issue-reports.ts';
import type { StreamQuality } from '#core/domain/quality.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { IceServer } from '#core/protocol/signaling.ts';
import type { Closable } from '#core/runtime/daemon.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { ViewerIdentity } from '../access/viewer-identity.ts';
import type { BroadcastDirector } from '../broadcast/broadcast-director.ts';
import { DeviceSignaling } from '../dialects/device-signaling.ts';
import { Lancast } from '../dialects/lancast.ts';
import { Loudsync } from '../dialects/loudsync/loudsync.ts';
import { Nova } from '../dialects/nova/nova.ts';
import { streamFactsFrom } from '../dialects/nova/stream-facts.ts';
import { StreamSync } from '../dialects/streamsync/streamsync.ts';
import { ViewerSignaling } from '../dialects/viewer-signaling.ts';
import type { Audience } from '../domain/audience.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { EncoderLoad } from '../domain/encoder-load.ts';
import type { Rooms } from '../domain/rooms.ts';
import type { WatchSessions } from '../domain/watch-session.ts';
import type { DeviceSwitchboard } from '../hub/device-switchboard.ts';
import { ViewerPings } from '../metrics/viewer-pings.ts';
import type { Dialect } from '../sockets/dialect.ts';
import type { StatusReport } from '../status/status.ts';

/** The documented protocols, each on its path; `viewerPings` is what Nova's viewers answer. */
export function openDialects(options: {
  identity: ViewerIdentity;
  audience: Audience;
  broadcast: Broadcast;
  sessions: WatchSessions;
  rooms: Rooms;
  quality: StreamQuality;
  encoderLoad: EncoderLoad;
  reports: IssueReports;
  switchboard: DeviceSwitchboard;
  status: StatusReport;
  director: BroadcastDirector;
  settings: () => Settings;
  iceServers: (turnUser: string) => IceServer[];
  clock: Clock;
  logger: Logger;
  own: (part: Closable) => void;
}): { dialects: readonly Dialect[]; lancast: Lancast; nova: Nova; viewerPings: ViewerPings } {
  const { identity, audience, broadcast, sessions, rooms, quality, encoderLoad, reports } = options;
  const { switchboard, status, director, settings, iceServers, clock, logger, own } = options;
  const lancast = new Lancast({ audience, identity, stream: () => status.lancast, clock });
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
    ...{ identity, audience, broadcast, quality, encoderLoad, reports },
    facts: streamFactsFrom({ settings, director, broadcast, quality }),
    statistics: viewerPings,
    clock,
  });
  own(nova);
  const loudsync = new Loudsync({ rooms, identity, clock });
  const streamSync = new StreamSync({ rooms, identity, clock });
  return { dialects: [lancast, nova, viewers, devices, loudsync, streamSync], lancast, nova, viewerPings };
}
