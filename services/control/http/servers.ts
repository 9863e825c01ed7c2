import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Settings } from '#core/domain/settings.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { ViewerIdentity } from '../access/viewer-identity.ts';
import { linkSockets } from '../link/daemon-socket.ts';
import type { LinkHost } from '../link/link-host.ts';
import type { SocketHost } from '../sockets/socket-host.ts';
import { HttpServer, type HttpServerOptions } from './http-server.ts';
import type { Router } from './router.ts';

/**
 * The same routes and web sockets twice: for the network, and for the box itself on the operator's socket, which
 * carries the console's link besides.
 * @param options.forNetwork where the network's one listens, and what only it needs
 * @param options.forTls the same for the one with TLS
 */
export function makeServers(options: {
  forNetwork: Pick<HttpServerOptions, 'listenOn'> & Partial<HttpServerOptions>;
  forTls: Pick<HttpServerOptions, 'listenOn' | 'secure'>;
  controlSocket: string;
  router: Router;
  identity: ViewerIdentity;
  settings: () => Settings;
  sockets: SocketHost;
  link: LinkHost;
  logger: Logger;
}): { network: HttpServer; secure: HttpServer; local: HttpServer } {
  const { forNetwork, forTls, controlSocket, router, identity, settings, sockets, link, logger } = options;
  const ofNetwork = {
    ...forNetwork,
    authority: 'network' as const,
    router,
    settings,
    admit: (request: IncomingMessage) => identity.admit(request),
    upgrade: (request: IncomingMessage, stream: Socket, head: Buffer, url: URL) =>
      sockets.upgrade(request, stream, head, url),
    logger,
  };
  const network = new HttpServer(ofNetwork);
  const { moveToTls: _, ...ofTls } = ofNetwork;
  const secure = new HttpServer({ ...ofTls, ...forTls });
  const links = linkSockets();
  const local = new HttpServer({
    listenOn: { path: controlSocket },
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
  return { network, secure, local };
}
