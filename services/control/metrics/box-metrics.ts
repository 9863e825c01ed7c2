import type { Telemetry } from '../board/telemetry.ts';
import type { BroadcastDirector } from '../broadcast/broadcast-director.ts';
import type { Audience } from '../domain/audience.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { WatchSessions } from '../domain/watch-session.ts';
import type { LinkHost } from '../link/link-host.ts';
import type { Outputs } from '../outputs/outputs.ts';
import type { SocketHost } from '../sockets/socket-host.ts';
import { boardMetrics } from './board-metrics.ts';
import type { Metric } from './exposition.ts';
import { outputMetrics } from './output-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { streamMetrics } from './stream-metrics.ts';
import type { Tallies } from './tallies.ts';
import type { ViewerPings } from './viewer-pings.ts';

/** All that `/metrics` tells of this box, read when it is asked for. */
export function boxMetrics(sources: {
  broadcast: Broadcast;
  audience: Audience;
  director: BroadcastDirector;
  link: LinkHost;
  sockets: SocketHost;
  sessions: WatchSessions;
  telemetry: Telemetry;
  tallies: Tallies;
  viewerPings: ViewerPings;
  outputs: Pick<Outputs, 'list'>;
}): () => Metric[] {
  return () => [
    ...streamMetrics(sources),
    ...sources.tallies.metrics,
    ...sources.viewerPings.metrics,
    ...outputMetrics(sources.outputs.list),
    ...boardMetrics(sources.telemetry.current),
    ...processMetrics(),
  ];
}
