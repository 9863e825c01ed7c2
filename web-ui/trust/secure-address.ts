import { getHealth } from '#core/protocol/endpoints/box.ts';
/** Where the same page is over HTTPS. @param port of HTTPS */
export function secureAddress(hostname: string, port: number, path: string): string {
  return `https://${hostname}${port === 443 ? '' : `:${port}`}${path}`;
}

/** Whether this device takes the box's certificate: a request that it would refuse does not arrive. */
export async function isTrusted(hostname: string, port: number): Promise<boolean> {
  try {
    await fetch(secureAddress(hostname, port, getHealth.path), {
      mode: 'no-cors',
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(5_000),
    });
    return true;
  } catch {
    return false;
  }
}
