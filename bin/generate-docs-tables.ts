import { boxRoutes } from '#control/api/box-routes.ts';
import { deviceRoutes } from '#control/api/device-routes.ts';
import { logRoutes } from '#control/api/log-routes.ts';
import { observerRoutes } from '#control/api/observer-routes.ts';
import { operatorRoutes } from '#control/api/operator-routes.ts';
import { pairingRoutes } from '#control/api/pairing-routes.ts';
import { roomRoutes } from '#control/api/room-routes.ts';
import { apiRoutes } from '#control/api/routes.ts';
import { settingsRoutes } from '#control/api/settings-routes.ts';
import { wifiRoutes } from '#control/api/wifi-routes.ts';
import { DeviceSignaling } from '#control/dialects/device-signaling.ts';
import { Lancast } from '#control/dialects/lancast.ts';
import { Loudsync } from '#control/dialects/loudsync/loudsync.ts';
import { Nova } from '#control/dialects/nova/nova.ts';
import { StreamSync } from '#control/dialects/streamsync/streamsync.ts';
import { ViewerSignaling } from '#control/dialects/viewer-signaling.ts';
import { documentRoutes } from '#control/documents/document-routes.ts';
import { hlsRoutes } from '#control/hls/hls-routes.ts';
import type { Route } from '#control/http/router.ts';
import { metricsRoutes } from '#control/metrics/metrics-routes.ts';
import { certificateRoutes } from '#control/tls/certificate-routes.ts';
import { Whep } from '#control/whep/whep.ts';

/** Stands for every service: only the tables are read, and nothing is ever called. */
function nothing<Service>(): Service {
  return {} as Service;
}

export const dialects = [
  new Lancast(nothing()),
  new Nova(nothing()),
  new ViewerSignaling(nothing()),
  new DeviceSignaling(nothing()),
  new Loudsync(nothing()),
  new StreamSync(nothing()),
];

/** The routes of control's main.ts, but for the web page; a test compares with what a running box serves. */
export const routes: Route[] = [
  ...apiRoutes(nothing()),
  ...settingsRoutes(nothing()),
  ...pairingRoutes(nothing()),
  ...operatorRoutes(nothing()),
  ...boxRoutes(nothing()),
  ...logRoutes(nothing()),
  ...wifiRoutes({ lan: nothing(), httpPort: nothing() }),
  ...roomRoutes(nothing()),
  ...observerRoutes(nothing()),
  ...certificateRoutes(nothing()),
  ...metricsRoutes(nothing()),
  ...deviceRoutes(nothing()),
  ...new Whep(nothing()).routes,
  ...hlsRoutes(nothing()),
  ...documentRoutes({ routes: () => routes, dialects }),
];
