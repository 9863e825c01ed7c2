import type { StatusReply } from '../server/messages.ts';

/** Where a page is: `location`, or as much of it as matters here. */
export interface Place {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
  readonly origin: string;
}

const isLoopback = (hostname: string): boolean => /^(localhost|127\.|\[::1\])/.test(hostname);
const isNumeric = (hostname: string): boolean => /^[\d.]+$|^\[/.test(hostname);

/**
 * Addresses under which others find this page, the surest first: a name that the operator gave it; else the number
 * that the box has on its network, which every phone understands; then its `.local` name, which is easier to read
 * and which some phones don't. Empty where nobody else can reach it.
 */
export function sharedAddresses(status: StatusReply | null, place: Place): string[] {
  const { hostname: name, address } = status?.device ?? {};
  const own = place.hostname.toLowerCase();
  const port = place.port === '' ? '' : `:${place.port}`;
  const addresses: string[] = [];
  if (!isLoopback(own) && !isNumeric(own) && !own.endsWith('.local')) addresses.push(place.origin);
  if (address) addresses.push(address);
  if (!isLoopback(own)) addresses.push(place.origin);
  if (name && addresses.length > 0) addresses.push(`${place.protocol}//${name}.local${port}`);
  return [...new Set(addresses)].slice(0, 2);
}
