import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WebSocket } from 'ws';
import { IssueReports } from '#core/domain/issue-reports.ts';
import { StreamQuality } from '#core/domain/quality.ts';
import { presenceOf } from '#core/domain/telemetry.ts';
import type { LinkedDaemon } from '#core/protocol/link/daemon.ts';
import { runDaemon } from '#core/runtime/daemon.ts';
import { environmentFrom } from '#core/runtime/environment.ts';
import { pathsFrom } from '#core/runtime/paths.ts';
import { sameSecret } from '#core/runtime/same-secret.ts';
import { systemClock as clock } from '#core/runtime/system-clock.ts';
import { iceServersFor } from './access/ice-servers.ts';
import { openAccess } from './access/open-access.ts';
import { observerRoutes } from './api/observer-routes.ts';
import { operatorRoutes } from './api/operator-routes.ts';
import { pairingRoutes } from './api/pairing-routes.ts';
import { roomRoutes } from './api/room-routes.ts';
import { apiRoutes } from './api/routes.ts';
import { settingsRoutes } from './api/settings-routes.ts';
import { sourceRoutes } from './api/source-routes.ts';
import { wifiRoutes } from './api/wifi-routes.ts';
import { startBoard } from './board/open-board.ts';
import { BroadcastDirector } from './broadcast/broadcast-director.ts';
import { BroadcastSources } from './broadcast/broadcast-sources.ts';
import { DesiredStore } from './broadcast/desired-store.ts';
import { MediaVerdict } from './broadcast/media-verdict.ts';
import { guardPower } from './broadcast/power-guard.ts';
import { followQuality } from './broadcast/quality-follower.ts';
import { SourcePreviews } from './broadcast/source-previews.ts';
import { documentRoutes } from './documents/document-routes.ts';
import { Audience } from './domain/audience.ts';
import { Broadcast } from './domain/broadcast.ts';
import { EncoderLoad } from './domain/encoder-load.ts';
import type { HoldGrant } from './domain/grant.ts';
import { Rooms } from './domain/rooms.ts';
import { WatchSessions } from './domain/watch-session.ts';
import { hlsRoutes, sequenceFile } from './hls/hls-routes.ts';
import { HlsOrigin } from './hls/origin.ts';
import { type Route, Router } from './http/router.ts';
import { makeServers } from './http/servers.ts';
import { webPageRoutes } from './http/web-pages.ts';
import { deviceRoutes } from './hub/device-routes.ts';
import { Hub } from './hub/hub.ts';
import { Ingest } from './ingest/ingest.ts';
import { ingestRoutes } from './ingest/ingest-routes.ts';
import { PublisherStart } from './ingest/publisher-start.ts';
import { DaemonSocket } from './link/daemon-socket.ts';
import { EgressPulse } from './link/egress-pulse.ts';
import { LinkHost } from './link/link-host.ts';
import { OwnEgress } from './link/own-egress.ts';
import { boxMetrics } from './metrics/box-metrics.ts';
import { metricsRoutes } from './metrics/metrics-routes.ts';
import { Tallies } from './metrics/tallies.ts';
import { Lan } from './network/lan.ts';
import { outputRoutes } from './outputs/output-routes.ts';
import { openOutputStore } from './outputs/output-store.ts';
import { openOutputs } from './outputs/outputs.ts';
import { Snapshots, snapshotRoutes } from './outputs/snapshots.ts';
import { PanelDesk } from './panel/panel-desk.ts';
import { recordingRoutes } from './recordings/recording-routes.ts';
import { Recordings } from './recordings/recordings.ts';
import { Replay } from './recordings/replay.ts';
import { Thumbnails } from './recordings/thumbnails.ts';
import { openSettings } from './settings/open-settings.ts';
import { conditionsOf } from './settings/settings-problems.ts';
import { SocketHost } from './sockets/socket-host.ts';
import { OptionalParts } from './start/optional-parts.ts';
import { fallsBeforePutBack, StartRecord } from './start/start-record.ts';
import { EventStream } from './status/event-stream.ts';
import { StatusReport } from './status/status.ts';
import { activatedSockets } from './storage/socket-activation.ts';
import { TornFiles } from './storage/torn-files.ts';
import { certificateRoutes } from './tls/certificate-routes.ts';
import { openCertificate } from './tls/open-tls.ts';
import { OwnerCertificate } from './tls/owner-certificate.ts';
import { PictureProof } from './update/picture-proof.ts';
import { updateRoutes } from './update/update-routes.ts';
import { Updates } from './update/updates.ts';
import { Whep } from './whep/whep.ts';
import { Whip } from './whip/whip.ts';
import { announceChanges } from './wiring/announcements.ts';
import { careOfBox } from './wiring/box-care.ts';
import { startIntegrations } from './wiring/integrations.ts';
import { openDialects } from './wiring/open-dialects.ts';
import { followSettings, hlsSettingsOf } from './wiring/settings-follower.ts';

await runDaemon('control', async ({ logger, own, onFall }) => {
  const paths = pathsFrom(process.env);
  const { http, board } = environmentFrom(process.env);
  const activated = activatedSockets(process.env);
  await mkdir(paths.runtimeDirectory, { recursive: true, mode: 0o750 });
  // On a card that takes nothing any more the box streams all the same, and the settings say what is wrong.
  await mkdir(paths.dataDirectory, { recursive: true, mode: 0o700 }).catch(() => {});

  const starts = new StartRecord({ path: join(paths.runtimeDirectory, 'control-starts.json'), clock });
  const falls = starts.begin();
  own(starts);
  onFall(() => starts.fell());
  const optional = new OptionalParts({ clock, logger });
  own(optional);

  // What the box is, and what it was doing.
  const torn = new TornFiles();
  const tooManyFalls = falls >= fallsBeforePutBack;
  const outputStore = await openOutputStore({ paths, logger, torn });
  const { settingsStore, settings, ...opened } = await openSettings({
    ...{ paths, clock, logger, own },
    addOutputs: (found) => outputStore.addNamed(found),
    falls: tooManyFalls ? falls : 0,
  });
  if (tooManyFalls) starts.forget();
  const problems = () => [...opened.problems(), ...torn.problems, ...optional.problems];
  const deviceId = () => settings().device.id;
  const desiredStore = new DesiredStore({
    path: join(paths.runtimeDirectory, 'desired.json'),
    lastingPath: join(paths.dataDirectory, 'on-air.json'),
    resumeOnBoot: () => settings().broadcast.resumeOnBoot,
    logger,
  });
  const access = await openAccess({ dataDirectory: paths.dataDirectory, settings, clock, logger, torn });
  const { tokens, identity, operators, pairing, admissions } = access;
  const hold: HoldGrant = (grant, end) => admissions.hold(grant, end);
  own(pairing);
  const { telemetry, power, affordable } = await startBoard({
    settings,
    dataDirectory: paths.dataDirectory,
    clock,
    own,
    reportCard: (problem) => optional.report('card', problem),
  });

  // The domain.
  const broadcast = new Broadcast({ clock });
  own(broadcast);
  const audience = new Audience({ clock, max: settings().viewing.maxViewers });
  own(audience);
  const sessions = new WatchSessions({ audience, clock, newId: randomUUID, hold });
  own(sessions);
  const rooms = new Rooms({
    clock,
    newId: randomUUID,
    sameSecret,
    deviceId: deviceId(),
    deviceName: () => settings().device.name,
  });
  const quality = new StreamQuality({ clock });
  const encoderLoad = new EncoderLoad({ clock });
  const reports = new IssueReports({ clock, newId: randomUUID });

  // The network that it is found in.
  const httpPort = (): number | null => network.port;
  const httpsPort = (): number | null => (settings().https.mode === 'off' ? null : secure.port);
  const live = (): boolean => broadcast.snapshot.state === 'live';
  const lan = new Lan({ settings, paths, httpPort, live, clock, logger });
  own(lan);
  const certificate = openCertificate({ dataDirectory: paths.dataDirectory, settings, lan, clock, logger });
  own(certificate);
  const owner = new OwnerCertificate({ files: () => settings().https, clock, logger });
  own(owner);

  // The daemons that carry it.
  const link = new LinkHost({ logger, deviceId });
  own(link);
  const hls = new HlsOrigin({
    settings: hlsSettingsOf(settings()),
    sequence: sequenceFile(join(paths.runtimeDirectory, 'media-sequence')),
    logger,
  });
  own(hls);
  const sources = new BroadcastSources({
    ...{ broadcast, link, clock, logger },
    path: join(paths.runtimeDirectory, 'taken-source.json'),
  });
  own(sources);
  const taken = () => sources.taken;
  const previews = new SourcePreviews({ link, sources, settings, clock });
  const director = new BroadcastDirector({
    ...{ broadcast, audience, link, hls, settings: affordable, taken, clock },
  });
  own(director);
  const ingest = new Ingest({
    ...{ settings, link, clock },
    host: () => (board === 'virtual' ? '127.0.0.1' : lan.host),
    web: () => {
      const tlsPort = settings().https.mode === 'required' ? httpsPort() : null;
      return tlsPort === null
        ? { scheme: 'http', port: httpPort() ?? http.port }
        : { scheme: 'https', port: tlsPort };
    },
  });
  const publisherStart = new PublisherStart({
    ...{ ingest, broadcast, settings, clock, logger },
    path: join(paths.runtimeDirectory, 'publisher-start.json'),
  });
  own(publisherStart);
  const pulse = new EgressPulse({ link, clock, logger });
  own(pulse);
  const egress = new OwnEgress({ link, deviceId, clock, silent: () => pulse.silent });
  egress.start(sessions);
  const outputs = openOutputs({ store: outputStore, broadcast, link, settingsStore, audience, clock });
  const snapshots = new Snapshots({ link, broadcast, clock });
  const updates = new Updates({
    ...{ link, broadcast, httpPort, logger },
    proof: new PictureProof({ broadcast, link, snapshots, settings, clock }),
    directory: paths.updateDirectory,
  });
  const recordings = new Recordings({
    broadcast,
    link,
    settings,
    cardDirectory: paths.recordingsDirectory,
    bitrateKbps: () => settings().video.bitrateKbps + settings().audio.bitrateKbps,
  });
  const replay = new Replay({
    ...{ recordings, broadcast, clock },
    enabled: () => settings().viewing.replay,
  });
  const thumbnails = new Thumbnails({ recordings, snapshots, logger });
  const boxConditions = () => [...power.state.conditions, ...lan.conditions, ...conditionsOf(problems())];
  const panel = new PanelDesk({
    link,
    broadcast,
    audience,
    director,
    settingsStore,
    pairing,
    forgetOperators: () => operators.revokeAll(),
    conditions: () => [...boxConditions(), ...outputs.conditions, ...recordings.conditions],
    clock,
    board: () => settings().panel.board,
  });
  power.events.on('powerChanged', () => {
    panel.tell();
    events.announce();
  });
  own(panel);

  // Other boxes.
  const presence = () => presenceOf(telemetry.current, broadcast.snapshot.state === 'live');
  const hub = new Hub({
    settings,
    path: join(paths.dataDirectory, 'devices.json'),
    sessions,
    own: egress,
    presence,
    tokens,
    clock,
    logger,
    report: (part, problem) => optional.report(part, problem),
    torn,
  });
  own(hub);

  // Everybody else.
  const iceServers = (turnUser: string) => iceServersFor(settings().webrtc, turnUser, clock.nowMs());
  const found = () => [
    ...problems(),
    ...pulse.problems,
    ...egress.problems,
    ...outputs.problems,
    ...ingest.problems,
    ...updates.problems,
  ];
  const status = new StatusReport({
    settings,
    broadcast,
    audience,
    director,
    link,
    telemetry,
    reports,
    httpPort,
    httpsPort,
    lan,
    problems: found,
    powerConditions: () => power.state.conditions,
    outputs,
    replayFromMs: () => replay.fromMs,
  });
  const events = new EventStream({ status: (forOperator) => status.for(forOperator), clock, hold });
  own(events);
  const { dialects, lancast, nova, viewerPings } = openDialects({
    ...{ identity, audience, broadcast, sessions, rooms, quality, encoderLoad, reports },
    ...{ switchboard: hub.switchboard, status, director, settings, iceServers, clock, logger, own },
  });
  const whip = new Whip({ settings, link, iceServers, clock });
  const whep = new Whep({ sessions, broadcast, device: egress, deviceId, iceServers, clock });
  const sockets = new SocketHost({ dialects, clock, logger, hold });
  const tallies = new Tallies({ broadcast, encoderLoad, reports, link });
  const metrics = boxMetrics({
    broadcast,
    audience,
    director,
    link,
    sockets,
    sessions,
    telemetry,
    tallies,
    viewerPings,
    outputs,
  });
  const bundles = dirname(fileURLToPath(import.meta.url));
  const care = careOfBox({
    ...{ paths, bundles, settingsStore, desiredStore, status, telemetry, broadcast, audience, director },
    ...{ link, lan, httpPort, clock, logger, own },
  });
  const routes: Route[] = [
    ...apiRoutes({ status, events, broadcast, audience, director, settings, ...access, link }),
    ...settingsRoutes({
      settingsStore,
      confirmJoin: () => lan.wifi.joins.confirm(),
      verdict: new MediaVerdict({ broadcast, link, settings, clock }),
    }),
    ...pairingRoutes({ pairing, operators, logger }),
    ...sourceRoutes({ sources, previews }),
    ...ingestRoutes({ ingest }),
    ...whip.routes,
    ...operatorRoutes({ operators }),
    ...care,
    ...wifiRoutes({ lan, httpPort }),
    ...certificateRoutes({ certificate, owner, httpsPort, settings }),
    ...roomRoutes({ rooms }),
    ...observerRoutes({ telemetry, reports }),
    ...outputRoutes({ outputs }),
    ...snapshotRoutes({ snapshots }),
    ...recordingRoutes({ recordings, thumbnails, settings }),
    ...updateRoutes({ updates }),
    ...metricsRoutes({ collect: metrics }),
    ...deviceRoutes({
      store: hub.store,
      switchboard: hub.switchboard,
      own: () => ({ id: deviceId(), name: settings().device.name, device: egress, presence: presence() }),
    }),
    ...whep.routes,
    ...hlsRoutes({ hls, identity, audience, broadcast, replay }),
    ...webPageRoutes({ directory: join(bundles, 'web-ui'), identity, httpsPort }),
    ...documentRoutes(),
  ];
  const router = new Router(routes);
  const { network, secure, local } = makeServers({
    forNetwork: {
      listenOn: activated.http === undefined ? { host: http.host, port: http.port } : { fd: activated.http },
      operator: (request) => operators.recognize(request),
      hold,
      names: () => [...lan.names, ...owner.names],
      redirect: (request) => lan.redirect(request),
      moveToTls: () => (settings().https.mode === 'required' && certificate.leaf ? secure.port : null),
    },
    forTls: {
      listenOn:
        activated.https === undefined ? { host: http.host, port: http.securePort } : { fd: activated.https },
      secure: {
        wanted: () => settings().https.mode !== 'off',
        hsts: () => settings().https.hsts,
        contextFor: (name) => owner.contextFor(name),
      },
    },
    controlSocket: paths.controlSocket,
    ...{ router, identity, settings, sockets, link, logger },
  });

  const announce = announceChanges({
    ...{ lancast, events, hub, broadcast, audience, telemetry, reports, sessions, director, link, lan },
    ...{ outputs, logger },
  });
  broadcast.events.on('broadcastEnded', () => {
    rooms.pardonAll();
    audience.pardonAll();
  });
  broadcast.events.on('desiredChanged', (desired) => void desiredStore.save(desired));
  followSettings({
    ...{ settingsStore, admissions, audience, hls, director, ingest, hub, lan, announce, logger },
  });

  await sources.start();
  sources.events.on('takenChanged', () => director.applySources());
  director.start();
  ingest.start();
  whip.start();
  outputs.start();
  snapshots.start();
  updates.start();
  updates.events.on('updateChanged', () => events.announce());
  previews.start();
  recordings.start();
  replay.start();
  thumbnails.start();
  replay.events.on('replayChanged', () => events.announce());
  settingsStore.events.on('settingsChanged', ({ changed }) => {
    if (changed.some((key) => key.startsWith('recording.'))) recordings.configure();
  });
  pulse.events.on('pulseChanged', ({ silent }) => {
    if (silent) director.missEgress();
    events.announce();
  });
  pulse.start();
  followQuality({ quality, encoderLoad, broadcast, director, link, settingsStore, settings });
  guardPower({ watch: power, broadcast, quality, director, logger });
  nova.start();
  panel.start();
  power.start();
  events.start();
  await optional.start({
    name: 'hub',
    failing: 'The hub cannot be used',
    action: 'Check the hub settings (hub.url, hub.key, hub.redisUrl). The box tries again by itself.',
    start: () => hub.start(),
  });
  sockets.start();
  broadcast.restore(await desiredStore.load());
  await publisherStart.start();
  own(network);
  await network.start();
  own(local);
  await local.start();
  for (const [daemon, path] of Object.entries(paths.linkSockets) as [LinkedDaemon, string][]) {
    const accept = (socket: WebSocket): void => link.accept(socket, [daemon]);
    const linked = new DaemonSocket({ path, daemon, accept, logger });
    own(linked);
    await linked.start();
  }
  own(secure);
  certificate.events.on('certificateChanged', ({ leaf }) => secure.identify(leaf));
  // HTTPS is an optional part: the page is served without it.
  await secure.start().catch((error) => logger.error({ err: error }, 'HTTPS is not served'));
  void certificate.start();
  owner.events.on('problemChanged', ({ problem }) => optional.report('https', problem));
  settingsStore.events.on('settingsChanged', ({ changed }) => {
    if (changed.some((key) => key.startsWith('https.'))) void owner.check();
  });
  void owner.start();
  lan.events.on('lanChanged', () => panel.tell());
  lan.events.on('mdnsProblem', ({ problem }) => optional.report('mdns', problem));
  outputs.events.on('outputsChanged', () => panel.tell());
  recordings.events.on('recordingChanged', () => panel.tell());
  optional.events.on('problemsChanged', () => {
    events.announce();
    panel.tell();
  });
  void optional.start({
    name: 'network',
    failing: 'The network cannot be looked after',
    action: 'Run onair doctor. The box tries again by itself.',
    start: () => lan.start(),
  });
  startIntegrations({
    ...{ settingsStore, broadcast, audience, telemetry, outputs, recordings, snapshots, lan, httpPort },
    ...{ problems: found, optional, clock, logger, own },
  });
  starts.serving();
  own(sockets); // closed before the servers: clients hear why before those cut their connections
  own({ close: () => rooms.closeAll() }); // and members before that, that their session is closed
  logger.info({ port: network.port }, 'serving');
});
