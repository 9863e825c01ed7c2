import type { Board } from '../board/open-board.ts';
import type { Broadcasting } from '../broadcast/open-broadcast.ts';
import type { Domain } from '../domain/open-domain.ts';
import type { Route } from '../http/router.ts';
import type { Link } from '../link/open-link.ts';
import type { OpenOutputs } from '../outputs/open-outputs.ts';
import type { SocketHost } from '../sockets/socket-host.ts';
import { boxMetrics } from './box-metrics.ts';
import { metricsRoutes } from './metrics-routes.ts';
import { Tallies } from './tallies.ts';
import type { ViewerPings } from './viewer-pings.ts';

/** The box's figures for Prometheus. */
export function openMetrics(deps: {
  board: Pick<Board, 'telemetry'>;
  domain: Domain;
  link: Pick<Link, 'host'>;
  broadcasting: Pick<Broadcasting, 'director'>;
  outputs: Pick<OpenOutputs, 'outputs'>;
  dialects: { viewerPings: ViewerPings };
  sockets: SocketHost;
}): { routes: Route[] } {
  const { domain, sockets } = deps;
  const { broadcast, audience, sessions, encoderLoad, reports } = domain;
  const { host: link } = deps.link;
  const collect = boxMetrics({
    broadcast,
    audience,
    director: deps.broadcasting.director,
    link,
    sockets,
    sessions,
    telemetry: deps.board.telemetry,
    tallies: new Tallies({ broadcast, encoderLoad, reports, link }),
    viewerPings: deps.dialects.viewerPings,
    outputs: deps.outputs.outputs,
  });
  return { routes: metricsRoutes({ collect }) };
}
