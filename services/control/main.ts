import { join } from 'node:path';
import { runDaemon } from '#core/runtime/daemon.ts';
import { openAccess } from './access/open-access.ts';
import { openApi } from './api/open-api.ts';
import { openBoard } from './board/open-board.ts';
import { openBroadcast } from './broadcast/open-broadcast.ts';
import { openClock } from './clock/open-clock.ts';
import { openDiagnosis } from './diagnosis/open-diagnosis.ts';
import { openDialects } from './dialects/open-dialects.ts';
import { documentRoutes } from './documents/document-routes.ts';
import { openDomain } from './domain/open-domain.ts';
import { hlsRoutes } from './hls/hls-routes.ts';
import { openHls } from './hls/open-hls.ts';
import { openHomeAssistant } from './home-assistant/open-home-assistant.ts';
import { previewOf } from './http/link-preview.ts';
import { ServedPorts } from './http/served-ports.ts';
import { webPageRoutes } from './http/web-pages.ts';
import { openHub } from './hub/open-hub.ts';
import { openIngest } from './ingest/open-ingest.ts';
import { openLink } from './link/open-link.ts';
import { openMetrics } from './metrics/open-metrics.ts';
import { openNetwork } from './network/open-network.ts';
import { openOutputs } from './outputs/open-outputs.ts';
import { openOutputStore } from './outputs/output-store.ts';
import { openPanel } from './panel/open-panel.ts';
import { openPictures } from './pictures/open-pictures.ts';
import { openRecordings } from './recordings/open-recordings.ts';
import { openServers } from './servers/open-servers.ts';
import { openSettings } from './settings/open-settings.ts';
import { openSockets } from './sockets/open-sockets.ts';
import { openStart } from './start/open-start.ts';
import { openStatus } from './status/open-status.ts';
import { openTls } from './tls/open-tls.ts';
import { openUpdate } from './update/open-update.ts';
import { openWebhooks } from './webhooks/open-webhooks.ts';
import { openWhep } from './whep/open-whep.ts';
import { openWhip } from './whip/open-whip.ts';

/** The rooms, each after those that it needs; closed in reverse. What follows others listens from its opening on. */
await runDaemon('control', async ({ logger, own, onFall }) => {
  const start = own(await openStart({ logger, onFall }));
  const base = { ...start.context, start };

  // What the box is, who may do what with it, and what is on the air.
  const outputStore = await openOutputStore({ ...base, torn: start.torn });
  const settings = own(await openSettings({ ...base, outputStore }));
  const access = own(await openAccess({ ...base, settings }));
  const board = own(await openBoard({ ...base, settings }));
  const domain = own(openDomain({ ...base, settings, access }));

  // Where it is found, and the daemons that carry it.
  const ports = new ServedPorts({ settings });
  const network = own(openNetwork({ ...base, settings, domain, ports }));
  const boxClock = await openClock({ ...base, settings });
  const tls = own(openTls({ ...base, settings, access, network, ports }));
  const link = own(openLink({ ...base, settings, domain }));
  const hls = own(openHls({ ...base, settings }));
  const broadcasting = own(await openBroadcast({ ...base, settings, board, domain, link, hls }));
  const ingest = own(openIngest({ ...base, settings, domain, network, link, ports }));
  const outputs = openOutputs({ ...base, outputStore, settings, access, domain, link });
  const recordings = openRecordings({ ...base, settings, domain, link, outputs });
  const update = openUpdate({ ...base, settings, domain, link, outputs, ports });

  // Everybody else.
  const known = {
    ...base,
    settings,
    access,
    board,
    domain,
    network,
    link,
    broadcasting,
    outputs,
    recordings,
  };
  const problems = () => [settings, start, link, outputs, ingest, update].flatMap((room) => room.problems);
  const hub = own(await openHub(known));
  const status = own(openStatus({ ...known, update, ports, problems }));
  own(openPanel({ ...known, tls }));
  const dialects = own(openDialects({ ...known, hub, status }));
  const sockets = openSockets({ ...base, access, dialects });
  const diagnosis = own(openDiagnosis({ ...known, status }));

  const routes = [
    ...[ingest, outputs, recordings, update, hub, tls, boxClock].flatMap((room) => room.routes),
    ...openApi({ ...known, status, diagnosis, ports }).routes,
    ...openPictures({ ...base, settings }).routes,
    ...openMetrics({ ...known, dialects, sockets }).routes,
    ...openWhep(known).routes,
    ...openWhip(known).routes,
    ...hlsRoutes({ hls, ...access, ...domain, ...recordings }),
    ...webPageRoutes({
      directory: join(base.bundles, 'web-ui'),
      identity: access.identity,
      httpsPort: ports.https,
      linkPreview: () => previewOf(settings.current(), domain.broadcast.snapshot.state),
    }),
    ...documentRoutes(),
  ];

  await broadcasting.restore();
  await ingest.restore();
  own(await openServers({ ...base, routes, sockets, settings, access, network, tls, link, ports }));

  // Beside what is served from here on, or after it.
  tls.start();
  network.start();
  own(openWebhooks(known));
  own(openHomeAssistant({ ...known, ports, problems }));
  start.serving();
  own(sockets); // closed before the servers: clients hear why before those cut their connections
  own({ close: () => domain.rooms.closeAll() }); // and members before that, that their session is closed
  logger.info({ port: ports.http() }, 'serving');
});
