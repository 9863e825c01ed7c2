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

/** Whether a browser's `Origin` is the page that this very host serves; without one it isn't a foreign page. */
export function isSameOrigin({ origin, host }: Pick<IncomingHttpHeaders, 'origin' | 'host'>): boolean {
  if (origin === undefined) return true;
  try {
    return new URL(origin).host === new URL(`http://${host}`).host || new URL(origin).host === host;
  } catch {
    return false; // "null", or no URL at all
  }
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
  if (!host) return null;
  try {
    const { hostname } = new URL(`http://${host}`);
    return hostname
      .replace(/^\[|\]$/g, '')
      .replace(/\.$/, '')
      .toLowerCase();
  } catch {
    return null;
  }
}
