import type { IncomingMessage, ServerResponse } from 'node:http';
import { hostname as systemHostname } from 'node:os';
import { OnairError } from '#core/domain/errors.ts';
import { isOwnHost, isSameHost, ownNames } from '../access/origin-check.ts';
import { RouterNames } from '../access/router-names.ts';

/** Names that it had before and still answers to. */
const maxFormerNames = 8;

/** Under which names browsers may call the box. DNS rebinding: a foreign name that points here must get nothing. */
export class HostCheck {
  readonly #network: () => { hostname: string; allowedHosts: readonly string[] };
  readonly #names: () => readonly string[];
  readonly #routerNames = new RouterNames();
  /** What the box was called since it runs. */
  readonly #hostnames = new Set<string>();

  constructor(options: {
    network: () => { hostname: string; allowedHosts: readonly string[] };
    names: () => readonly string[];
  }) {
    this.#network = options.network;
    this.#names = options.names;
  }

  /** @throws ForeignHost */
  check(request: IncomingMessage): void {
    const { hostname, allowedHosts } = this.#network();
    this.#remember(hostname);
    // Nearly every request: an address, or the set name. Players ask many times a second.
    if (isOwnHost(request.headers.host, [`${hostname}.local`])) return;
    const former = [...this.#hostnames].flatMap((name) => [name, `${name}.local`]);
    const given = this.#routerNames.of([...this.#hostnames, systemHostname()]);
    const own = [
      ...ownNames(hostname, systemHostname(), allowedHosts),
      ...former,
      ...given,
      ...this.#names(),
    ];
    if (!isOwnHost(request.headers.host, own)) throw new ForeignHost(hostname);
  }

  /** A page that gave the box its new name still calls it by the old one: to confirm, or to be led on. */
  #remember(hostname: string): void {
    if (this.#hostnames.has(hostname)) return;
    this.#hostnames.add(hostname);
    const [oldest] = this.#hostnames;
    if (oldest !== undefined && this.#hostnames.size > maxFormerNames) this.#hostnames.delete(oldest);
  }
}

/** A request for a name that is not the box's. */
export class ForeignHost extends OnairError {
  /** The box's own name, without `.local`. */
  readonly hostname: string;

  constructor(hostname: string) {
    super('forbidden', 'This box is not called by that name.', {
      subject: 'host',
      action: 'Use its address or its .local name, or add the name to network.allowedHosts.',
    });
    this.hostname = hostname;
  }
}

/**
 * The request's target below its host (RFC 9112, 3.2).
 * @throws OnairError `invalid-message` for two hosts, a target elsewhere, or a request line of another HTTP
 */
export function targetOf(request: IncomingMessage): URL {
  const isHttp2 = request.headers[':method'] !== undefined;
  if (!isHttp2 && request.httpVersionMajor !== 1)
    throw new OnairError('invalid-message', `HTTP/${request.httpVersion} does not begin with such a line.`);
  const hosts = request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length > 1) throw new OnairError('invalid-message', 'The request has more than one Host.');
  const target = request.url ?? '/';
  let url: URL;
  try {
    url = new URL(target, 'http://box');
  } catch {
    throw new OnairError('invalid-message', 'The request target is not a path.');
  }
  const isAbsolute = !target.startsWith('/') && target !== '*';
  if (isAbsolute && !(/^https?:$/.test(url.protocol) && isSameHost(url.host, request.headers.host)))
    throw new OnairError('invalid-message', 'The request target is on another host.');
  return url;
}

const words = {
  en: {
    title: 'Not this name',
    text: 'This is an Onair box, but it is not called by the name in the address bar. Open it here:',
    hint: 'To use this name all the same, add it to network.allowedHosts in the studio.',
  },
  de: {
    title: 'Nicht unter diesem Namen',
    text: 'Dies ist eine Onair-Box, aber sie heißt nicht wie in der Adresszeile. Hier ist sie zu finden:',
    hint: 'Soll dieser Name trotzdem gelten, fügen Sie ihn im Studio bei network.allowedHosts hinzu.',
  },
} as const;

/** Whether a browser asks for a page: it gets words and links instead of JSON. */
export function wantsPage(request: IncomingMessage): boolean {
  return request.method === 'GET' && /\btext\/html\b/.test(request.headers.accept ?? '');
}

/** The page for a name that is not the box's: its links are its address and its `.local` name. */
export function sendForeignHostPage(
  request: IncomingMessage,
  response: ServerResponse,
  hostname: string,
): void {
  const language = /^\s*de\b/i.test(request.headers['accept-language'] ?? '') ? 'de' : 'en';
  const { title, text, hint } = words[language];
  const {
    localAddress = '',
    localPort = 80,
    encrypted,
  } = request.socket as typeof request.socket & {
    encrypted?: boolean;
  };
  const address = localAddress.replace(/^::ffff:/, '').replace(/%.*$/, '');
  const scheme = encrypted ? 'https' : 'http';
  const port = localPort === (encrypted ? 443 : 80) ? '' : `:${localPort}`;
  const links = [`${hostname}.local`, address.includes(':') ? `[${address}]` : address]
    .filter((host) => host !== '')
    .map((host) => `${scheme}://${host}${port}/`)
    .map((link) => `<p><a href="${link}">${link}</a></p>`);
  const page = `<!doctype html>
<html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><h1>${title}</h1><p>${text}</p>${links.join('')}<p>${hint}</p></html>
`;
  response.writeHead(403, {
    'content-type': 'text/html;charset=utf-8',
    'content-length': Buffer.byteLength(page),
    'content-security-policy':
      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    vary: 'Accept, Accept-Language',
  });
  response.end(page);
}
