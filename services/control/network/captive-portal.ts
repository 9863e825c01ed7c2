import { webAddress } from '#core/domain/page-address.ts';
import { accessPointAddress } from '#core/hardware/network/wifi.ts';
import { isOwnHost } from '../access/origin-check.ts';

/**
 * Telephones look for a page of their maker's when they join a network, and show what answers in its place. Whoever
 * asks the box in its own access point for any other host is sent to the page.
 * @param request.localAddress where the request came in
 * @param request.host its `Host`
 * @returns where to; null for a request that is meant for the box, or came from elsewhere
 */
export function captiveRedirect(
  request: { localAddress: string | undefined; host: string | undefined },
  own: { names: readonly string[]; port: number | null },
): string | null {
  if (!comesByAccessPoint(request.localAddress)) return null;
  if (isOwnHost(request.host, own.names)) return null;
  return `${webAddress(accessPointAddress, own.port)}/`;
}

/** Whether a connection came in by the own access point. */
export function comesByAccessPoint(localAddress: string | undefined): boolean {
  return localAddress?.replace(/^::ffff:/, '') === accessPointAddress;
}
