import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { LinkedDaemon } from '#core/protocol/link/daemon.ts';
import type { Closable } from '#core/runtime/daemon.ts';
import { Parts } from '#core/runtime/parts.ts';
import type { Access } from '../access/open-access.ts';
import { HttpServer } from '../http/http-server.ts';
import { type Route, Router } from '../http/router.ts';
import type { ServedPorts } from '../http/served-ports.ts';
import { DaemonSocket, linkSockets } from '../link/daemon-socket.ts';
import type { Link } from '../link/open-link.ts';
import type { Network } from '../network/open-network.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { SocketHost } from '../sockets/socket-host.ts';
import type { ControlContext } from '../start/context.ts';
import { activatedSockets } from '../storage/socket-activation.ts';
import type { Tls } from '../tls/open-tls.ts';

/**
 * The same routes and web sockets for the network, over TLS, and for the box itself on the operator's socket, which
 * carries the console's link besides. The other daemons' links have sockets of their own.
 */
export async function openServers(
  deps: Pick<ControlContext, 'paths' | 'environment' | 'logger'> & {
    routes: readonly Route[];
    sockets: SocketHost;
    settings: Pick<OpenSettings, 'current'>;
    access: Pick<Access, 'identity' | 'operators' | 'hold'>;
    network: Pick<Network, 'lan'>;
    tls: Pick<Tls, 'certificate' | 'owner'>;
    link: Pick<Link, 'host'>;
    ports: ServedPorts;
  },
): Promise<Closable> {
  const { paths, environment, logger, sockets, ports } = deps;
  const settings = deps.settings.current;
  const { identity, operators, hold } = deps.access;
  const { lan } = deps.network;
  const { certificate, owner } = deps.tls;
  const { host: link } = deps.link;
  const { host, port, securePort } = environment.http;
  const activated = activatedSockets(process.env);
  const router = new Router(deps.routes);
  const parts = new Parts();

  const forNetwork = {
    authority: 'network' as const,
    router,
    settings,
    operator: (request: IncomingMessage) => operators.recognize(request),
    admit: (request: IncomingMessage) => identity.admit(request),
    hold,
    names: () => [...lan.names, ...owner.names],
    redirect: (request: IncomingMessage) => lan.redirect(request),
    upgrade: (request: IncomingMessage, stream: Socket, head: Buffer, url: URL) =>
      sockets.upgrade(request, stream, head, url),
    logger,
  };
  const secure = new HttpServer({
    ...forNetwork,
    listenOn: activated.https === undefined ? { host, port: securePort } : { fd: activated.https },
    secure: {
      wanted: () => settings().https.mode !== 'off',
      hsts: () => settings().https.hsts,
      contextFor: (name) => owner.contextFor(name),
    },
  });
  const network = new HttpServer({
    ...forNetwork,
    listenOn: activated.http === undefined ? { host, port } : { fd: activated.http },
    moveToTls: () => (settings().https.mode === 'required' && certificate.leaf ? secure.port : null),
  });
  ports.serve({ network, secure });
  await parts.own(network).start();

  const links = linkSockets();
  const local = new HttpServer({
    listenOn: { path: paths.controlSocket },
    authority: 'link',
    router,
    settings,
    admit: (request) => identity.identify(request),
    upgrade: (request: IncomingMessage, stream: Socket, head: Buffer, url: URL) => {
      if (url.pathname !== '/link') return sockets.upgrade(request, stream, head, url);
      links.handleUpgrade(request, stream, head, (socket) => link.accept(socket, ['console']));
    },
    logger,
  });
  await parts.own(local).start();
  for (const [daemon, path] of Object.entries(paths.linkSockets) as [LinkedDaemon, string][]) {
    const accept = (socket: WebSocket): void => link.accept(socket, [daemon]);
    await parts.own(new DaemonSocket({ path, daemon, accept, logger })).start();
  }
  certificate.events.on('certificateChanged', ({ leaf }) => secure.identify(leaf));
  // HTTPS is an optional part: the page is served without it.
  await parts
    .own(secure)
    .start()
    .catch((error) => logger.error({ err: error }, 'HTTPS is not served'));
  return parts;
}
