import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/**
 * Whether `Host` is a name under which this box may be called: an IP literal, localhost, one of its own names.
 * Anything else is how DNS rebinding looks.
 */
export function isOwnHost(host: string | undefined, ownNames: readonly string[]): boolean {
  const name = hostnameOf(host);
  if (name === null) return false;
  if (name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0) return true;
  return ownNames.some((own) => own.toLowerCase() === name);
}

/**
 * Whether a browser's `Origin` is the page that this very host serves; without one it isn't a foreign page.
 * @param options.secure the request came over TLS: a page that came without may have been anybody's. The other way round
 * a proxy in front may have taken TLS off.
 */
export function isSameOrigin(
  { origin, host }: Pick<IncomingHttpHeaders, 'origin' | 'host'>,
  { secure }: { secure: boolean },
): boolean {
  if (origin === undefined) return true;
  const scheme = /^(https?:)\/\//i.exec(origin)?.[1];
  if (scheme === undefined) return false; // "null", or nothing that a page of ours could be
  if (secure && scheme.toLowerCase() !== 'https:') return false;
  const page = urlOf(scheme, origin.slice(scheme.length + 2));
  return page !== null && page.host === urlOf(scheme, host)?.host; // the scheme's own port may be left out of either
}

/** Whether two hosts, each with or without a port, are one. */
export function isSameHost(one: string, other: string | undefined): boolean {
  const host = urlOf('http:', other)?.host;
  return host !== undefined && urlOf('http:', one)?.host === host;
}

/** The names of a box: its hostname with and without `.local`, what the system is called, and what the operator allows. */
export function ownNames(
  hostname: string,
  systemHostname: string,
  allowedHosts: readonly string[],
): string[] {
  return [...new Set([hostname, systemHostname])]
    .flatMap((name) => [name, `${name}.local`])
    .concat(allowedHosts);
}

function hostnameOf(host: string | undefined): string | null {
  const url = urlOf('http:', host);
  return url === null ? null : url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

/** A host with or without a port, an IPv6 one in brackets; whatever else a URL could have is refused. */
function urlOf(scheme: string, host = ''): URL | null {
  const zoneless = host.replace(/^(\[[\da-f:.]+)%[\w%.~-]+\]/i, '$1]'); // the zone means something to its client only
  if (!/^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(zoneless)) return null;
  try {
    return new URL(`${scheme}//${zoneless}`);
  } catch {
    return null;
  }
}
