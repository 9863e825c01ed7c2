import type { Access } from '../access/open-access.ts';
import type { Board } from '../board/open-board.ts';
import type { Broadcasting } from '../broadcast/open-broadcast.ts';
import type { OpenDiagnosis } from '../diagnosis/open-diagnosis.ts';
import type { Domain } from '../domain/open-domain.ts';
import type { Route } from '../http/router.ts';
import type { ServedPorts } from '../http/served-ports.ts';
import type { Link } from '../link/open-link.ts';
import type { Network } from '../network/open-network.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import type { OpenStatus } from '../status/open-status.ts';
import { audienceRoutes } from './audience-routes.ts';
import { boxRoutes } from './box-routes.ts';
import { logRoutes } from './log-routes.ts';
import { observerRoutes } from './observer-routes.ts';
import { operatorRoutes } from './operator-routes.ts';
import { pairingRoutes } from './pairing-routes.ts';
import { roomRoutes } from './room-routes.ts';
import { apiRoutes } from './routes.ts';
import { settingsRoutes } from './settings-routes.ts';
import { sourceRoutes } from './source-routes.ts';
import { wifiRoutes } from './wifi-routes.ts';

/** The REST API of what is not a room's own matter alone. */
export function openApi(
  deps: Pick<ControlContext, 'clock' | 'logger'> & {
    settings: Pick<OpenSettings, 'store' | 'current'>;
    access: Access;
    board: Pick<Board, 'telemetry'>;
    domain: Domain;
    network: Pick<Network, 'lan'>;
    link: Pick<Link, 'host'>;
    broadcasting: Broadcasting;
    status: OpenStatus;
    diagnosis: OpenDiagnosis;
    ports: Pick<ServedPorts, 'http'>;
  },
): { routes: Route[] } {
  const { clock, logger, settings, domain, status } = deps;
  const { tokens, pins, identity, pairing, operators } = deps.access;
  const { broadcast, audience, rooms, reports } = domain;
  const { director, sources, previews, verdict } = deps.broadcasting;
  const { history, logs, restart, diagnosis } = deps.diagnosis;
  const wifi = { lan: deps.network.lan, httpPort: deps.ports.http };
  return {
    routes: [
      ...apiRoutes({
        status: status.report,
        events: status.events,
        broadcast,
        audience,
        director,
        settings: settings.current,
        tokens,
        pins,
        identity,
        link: deps.link.host,
      }),
      ...settingsRoutes({
        settingsStore: settings.store,
        confirmJoin: () => wifi.lan.wifi.joins.confirm(),
        verdict,
      }),
      ...pairingRoutes({ pairing, operators, logger }),
      ...operatorRoutes({ operators }),
      ...sourceRoutes({ sources, previews, settings: settings.store }),
      ...audienceRoutes({ audience, director, noteDelay: (delayMs) => history.noteDelay(delayMs), clock }),
      ...roomRoutes({ rooms }),
      ...observerRoutes({ telemetry: deps.board.telemetry, reports }),
      ...boxRoutes({ history, restart, diagnosis, status: status.report, wifi }),
      ...logRoutes({ logs }),
      ...wifiRoutes(wifi),
    ],
  };
}
