import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** The token of `Authorization: Bearer`. */
export function bearerOf(request: IncomingMessage): string | null {
  return /^Bearer +([\w.~+/=-]{1,4096})$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
}

/** The cookies of a request by their name; of two with one name the last. */
function cookiesOf(request: IncomingMessage): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0) cookies.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
  }
  return cookies;
}

/** Whether a request came over TLS, which ends here; one that a proxy in front has decrypted came without. */
export function isSecure(request: IncomingMessage): boolean {
  return (request.socket as Partial<TLSSocket>).encrypted === true; // the compatibility API of HTTP/2 has it, too
}

/** Over TLS browsers take and send these over TLS alone, and from this very host (RFC 6265bis, 4.1.3.2). */
const hostPrefix = '__Host-';

/** The value of one of the box's cookies. Over TLS it may also be one that was set before, without. */
export function cookieOf(request: IncomingMessage, name: string): string | null {
  const cookies = cookiesOf(request);
  const secure = isSecure(request) ? cookies.get(hostPrefix + name) : undefined;
  return secure ?? cookies.get(name) ?? null;
}

/**
 * `Set-Cookie` for one of the box's cookies, out of reach of scripts.
 * @param options.maxAgeSeconds 0 takes it away; without it ends with the browser
 */
export function setCookie(
  request: IncomingMessage,
  name: string,
  value: string,
  options: { sameSite: 'Strict' | 'Lax'; maxAgeSeconds?: number },
): string {
  const { sameSite, maxAgeSeconds } = options;
  const secure = isSecure(request);
  const attributes = [
    'Path=/',
    ...(secure ? ['Secure'] : []),
    'HttpOnly',
    `SameSite=${sameSite}`,
    ...(maxAgeSeconds === undefined ? [] : [`Max-Age=${maxAgeSeconds}`]),
  ];
  return `${secure ? hostPrefix : ''}${name}=${value}; ${attributes.join('; ')}`;
}
