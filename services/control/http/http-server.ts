import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { OnairError } from '#core/domain/errors.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { isSameOrigin } from '../access/origin-check.ts';
import { isSecure } from '../access/request-credentials.ts';
import type { Viewer } from '../access/viewer-identity.ts';
import { type HoldGrant, noGrant } from '../domain/grant.ts';
import { allowAnyOrigin, allowEmbedding } from './embedding.ts';
import { ForeignHost, HostCheck, sendForeignHostPage, targetOf, wantsPage } from './host-check.ts';
import { listenEverywhere } from './listen-everywhere.ts';
import { problemOf, sendProblem } from './problem.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { type Authority, mayOperate, type RequestContext, type Route, type Router } from './router.ts';
import { type KeyPair, renewIdentity, tlsOptions } from './tls-options.ts';

/** Where one server listens; `fd` is a socket that systemd opened for us. */
export type ListenOn = { host: string; port: number } | { path: string } | { fd: number };

type UpgradeHandler = (
  request: IncomingMessage,
  stream: Socket,
  head: Buffer,
  url: URL,
) => Promise<void> | void;

/** Slow or silent clients hold a connection no longer than this, give or take a check. */
const defaultTimeouts = { headersMs: 10_000, requestMs: 30_000, checkEveryMs: 2_000 };
/** More than the largest audience needs; a flood of connections must not take all memory. */
const maxConnections = 20_000;
/** Of a body that is not wanted, so much is read all the same. */
const maxDiscardedBytes = 32 * 1024 * 1024;

export interface HttpServerOptions {
  listenOn: ListenOn;
  authority: Authority;
  router: Router;
  settings: () => Settings;
  upgrade: UpgradeHandler;
  operator?: (request: IncomingMessage) => { id: string } | null;
  admit?: (request: IncomingMessage) => Promise<Viewer>;
  hold?: HoldGrant;
  names?: () => readonly string[];
  redirect?: (request: IncomingMessage) => string | null;
  logger: Logger;
  timeouts?: typeof defaultTimeouts;
  /** Serves HTTPS, with HTTP/2 for clients that know it, as soon as there is a certificate. */
  secure?: {
    wanted: () => boolean;
    hsts: () => boolean;
    /** What is shown to who asks for this name; null for the box's own certificate. */
    contextFor: (name: string) => SecureContext | null;
  };
  /** The port of HTTPS where requests have to go there; null where they may stay. */
  moveToTls?: () => number | null;
}

/**
 * One HTTP server, on TCP for the network or on the Unix socket for the link: checks host and origin,
 * finds the route, and turns whatever goes wrong into a problem document.
 */
export class HttpServer {
  readonly #server: Server | Http2SecureServer;
  readonly #deps: HttpServerOptions;
  readonly #moveToTls: () => number | null;
  readonly #operator: (request: IncomingMessage) => { id: string } | null;
  readonly #admit: (request: IncomingMessage) => Promise<Viewer>;
  readonly #hold: HoldGrant;
  readonly #redirect: (request: IncomingMessage) => string | null;
  readonly #streams = new Set<Socket>();
  readonly #hosts: HostCheck;

  /**
   * @param deps.operator who of those that paired sends a request
   * @param deps.admit says who watches, and refuses who may not: called for endpoints of viewers
   * @param deps.hold ends answers that an operator is still being sent when they no longer are one
   * @param deps.names under which browsers may call the box besides the set ones
   * @param deps.redirect where a request is sent that was never meant for the box
   */
  constructor(deps: HttpServerOptions) {
    this.#deps = deps;
    this.#operator = deps.operator ?? (() => null);
    this.#admit = deps.admit ?? (async () => ({ id: null, admitted: false, grant: noGrant }));
    this.#hold = deps.hold ?? (() => () => {});
    this.#hosts = new HostCheck({
      network: () => deps.settings().network,
      names: deps.names ?? (() => []),
    });
    this.#redirect = deps.redirect ?? (() => null);
    const { headersMs, requestMs, checkEveryMs } = deps.timeouts ?? defaultTimeouts;
    this.#moveToTls = deps.moveToTls ?? (() => null);
    const limits = {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: checkEveryMs, // Node's own is 30 s, whatever the timeouts
    };
    this.#server = deps.secure
      ? createSecureServer({
          ...tlsOptions,
          ...limits,
          handshakeTimeout: headersMs,
          SNICallback: (name, give) => give(null, deps.secure?.contextFor(name) ?? undefined),
        })
      : createServer(limits);
    this.#server.maxConnections = maxConnections;
    // Node gives HTTP/2 the same interface (http2's compatibility API).
    this.#server.on('request', (request, response) => {
      void this.#answer(request as IncomingMessage, response as ServerResponse);
    });
    this.#server.on('upgrade', (request: IncomingMessage, stream: Socket, head: Buffer) =>
      this.#answerUpgrade(request, stream, head),
    );
    this.#server.on('connection', (stream: Socket) => {
      if (this.#streams.has(stream)) return; // it is read again
      if (this.#deps.secure?.wanted() === false) {
        stream.destroy();
        return;
      }
      stream.setNoDelay(true);
      stream.on('error', () => stream.destroy()); // Node's own listener goes with an upgrade
      this.#streams.add(stream);
      stream.on('close', () => this.#streams.delete(stream));
    });
  }

  /** The TCP port; null on a Unix socket. */
  get port(): number | null {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? (address as AddressInfo).port : null;
  }

  /** @throws OnairError `unavailable` where the port is taken or may not be used */
  async start(): Promise<void> {
    const listenOn = this.#deps.listenOn;
    if ('path' in listenOn) await rm(listenOn.path, { force: true });
    const onError = (error: Error): void => {
      this.#deps.logger.warn({ err: error.message }, 'a connection could not be accepted');
    };
    await listenEverywhere(this.#server, listenOn, onError);
    if ('path' in listenOn) await chmod(listenOn.path, 0o660);
  }

  /** The certificate for connections from now on; those that are open keep theirs. */
  identify(identity: KeyPair): void {
    if ('setSecureContext' in this.#server) renewIdentity(this.#server, identity);
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const stream of this.#streams) stream.destroy();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => response.destroy());
    // HTTP/2 names the host in a field of its own (RFC 9113, 8.3.1).
    request.headers.host ??= request.headers[':authority'] as string | undefined;
    if (this.#deps.secure?.hsts()) response.setHeader('strict-transport-security', 'max-age=31536000');
    // What is piped into an answer may fail at any time (a file on a worn card): that costs this answer alone.
    response.on('pipe', (source) => source.on('error', (error) => this.#breakOff(response, error)));
    try {
      const elsewhere = this.#redirect(request);
      if (elsewhere !== null) {
        response.writeHead(302, { location: elsewhere, 'cache-control': 'no-store' }).end();
        return;
      }
      const url = targetOf(request);
      const securePort = this.#moveToTls();
      if (securePort !== null && !staysPlain(url.pathname)) {
        moveToTls(request, response, securePort);
        return;
      }
      const { route, params } = this.#find(request, url);
      if (route.anyOrigin === 'bearer') allowAnyOrigin(request, response);
      else if (route.anyOrigin) this.#allowOrigin(request, response);
      else this.#checkOrigin(request);
      const authority = this.#deps.authority;
      const operatorId = this.#operator(request)?.id ?? null;
      checkAuthority(route, { authority, operatorId });
      if (operatorId !== null) this.#follow(operatorId, response);
      const viewer = route.who === 'viewer' ? await this.#admit(request) : null;
      await route.handle({ request, response, url, params, authority, operatorId, viewer });
    } catch (error) {
      const problem = problemOf(error, this.#deps.logger);
      await discardRest(request);
      if (error instanceof ForeignHost && wantsPage(request)) {
        sendForeignHostPage(request, response, error.hostname);
        return;
      }
      sendProblem(response, problem);
    }
  }

  /** An answer that goes on (logs, events) ends with the right that it was asked for by. */
  #follow(operatorId: string, response: ServerResponse): void {
    const release = this.#hold({ operatorId, pinMark: null }, () => {
      if (response.headersSent && !response.writableEnded) response.destroy();
    });
    response.once('close', release);
  }

  #breakOff(response: ServerResponse, error: Error): void {
    if (response.destroyed) return;
    this.#deps.logger.warn({ err: error, path: response.req.url?.split('?')[0] }, 'an answer broke off');
    sendProblem(response, problemOf(error, this.#deps.logger));
  }

  #answerUpgrade(request: IncomingMessage, stream: Socket, head: Buffer): void {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      this.#readAgain(request, stream, head);
      return;
    }
    try {
      const url = targetOf(request);
      if (this.#moveToTls() !== null)
        throw new OnairError('forbidden', 'This box takes web sockets over HTTPS alone.', {
          action: 'Use wss://.',
        });
      this.#checkHost(request);
      this.#checkOrigin(request);
      void this.#deps.upgrade(request, stream, head, url);
    } catch (error) {
      refuseUpgrade(stream, problemOf(error, this.#deps.logger));
    }
  }

  /**
   * Some clients offer HTTP/2 with any request (`Upgrade: h2c`); who doesn't take that up answers as if it had not been
   * offered (RFC 9110 7.8). Node has stopped reading at the header by then: it is given it again, without the offer.
   */
  #readAgain(request: IncomingMessage, stream: Socket, head: Buffer): void {
    const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
    for (let index = 0; index < request.rawHeaders.length; index += 2) {
      const name = request.rawHeaders[index] ?? '';
      if (!/^(upgrade|connection|http2-settings)$/i.test(name))
        lines.push(`${name}: ${request.rawHeaders[index + 1]}`);
    }
    stream.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
    this.#server.emit(this.#deps.secure ? 'secureConnection' : 'connection', stream);
  }

  #find(request: IncomingMessage, url: URL): { route: Route; params: Record<string, string> } {
    this.#checkHost(request);
    return this.#deps.router.find(request.method ?? 'GET', url.pathname);
  }

  #checkHost(request: IncomingMessage): void {
    if (this.#deps.authority !== 'link') this.#hosts.check(request);
  }

  #checkOrigin(request: IncomingMessage): void {
    if (this.#deps.authority === 'link' || isSameOrigin(request.headers, { secure: isSecure(request) }))
      return;
    throw new OnairError('forbidden', 'Pages of other sites may not do this.', { subject: 'origin' });
  }

  /** "Who may": pages of other sites reach /whep and /hls only where `viewing.embedOrigins` names them. */
  #allowOrigin(request: IncomingMessage, response: ServerResponse): void {
    const { embedOrigins } = this.#deps.settings().viewing;
    if (!allowEmbedding(request, response, embedOrigins)) this.#checkOrigin(request);
  }
}

/** @throws OnairError where an endpoint is the operator's, or the box's own, and the request is not */
function checkAuthority({ who }: Route, asked: Pick<RequestContext, 'authority' | 'operatorId'>): void {
  if (who === 'operator' && !mayOperate(asked)) {
    throw new OnairError('unauthorized', 'Only the operator may do this.', {
      action:
        'Pair first, on the page /studio, by the button or a code from the USB cable; or use the onair command on the box.',
    });
  }
  if (who === 'box' && asked.authority !== 'link') {
    throw new OnairError('forbidden', 'Only the box itself may do this.', {
      action: 'Do it over the USB cable, or with the onair command on the box.',
    });
  }
}

/**
 * Throws away, within bounds, what is still to come of a request that is refused: a connection that is cut while its
 * client sends takes the answer with it.
 */
function discardRest(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve();
  let leftBytes = maxDiscardedBytes;
  return new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => {
      leftBytes -= chunk.length;
      if (leftBytes < 0) request.destroy();
    });
    request.on('error', () => {}); // the client gave up: 'close' follows
    request.once('end', resolve);
    request.once('close', resolve);
    request.resume();
  });
}

/** What a device needs that does not trust the box yet. */
function staysPlain(pathname: string): boolean {
  return /^\/(trust(\/|$)|assets\/|favicon|api\/v1\/(certificate|health)$)/.test(pathname);
}

/** Where HTTPS is required: pages are led there, anything else is told. */
function moveToTls(request: IncomingMessage, response: ServerResponse, port: number): void {
  const host = request.headers.host?.replace(/:\d+$/, '') ?? '';
  if (request.method !== 'GET' && request.method !== 'HEAD')
    throw new OnairError('forbidden', 'This box takes requests over HTTPS alone.', {
      action: 'Use https://.',
    });
  const location = `https://${host}${port === 443 ? '' : `:${port}`}${request.url}`;
  response.writeHead(308, { location, 'cache-control': 'no-store' }).end();
}
