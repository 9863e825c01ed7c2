import { webAddress } from '#core/domain/page-address.ts';
import type { LinkStatusBody } from '#core/protocol/endpoints/box.ts';

/** Where browsers find the page: on this machine, and on the network where there is one. */
export function pagesOf({ device, ports }: LinkStatusBody): string[] {
  return [webAddress('localhost', ports.http), ...(device.address === null ? [] : [device.address])];
}
