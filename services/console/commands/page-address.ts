import type { LinkStatusBody } from '#core/protocol/api.ts';

/** Where the box's page is: by name, which any device on the network can use, and by number. */
export function pageAddresses({ device, ports }: LinkStatusBody): string[] {
  if (device.address === null) return [];
  const port = ports.http === null || ports.http === 80 ? '' : `:${ports.http}`;
  return [`http://${device.hostname}.local${port}`, device.address];
}
