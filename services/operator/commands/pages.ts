import { pageAddresses } from '#core/domain/page-address.ts';
import { usbCableAddress } from '#core/hardware/network/lan-addresses.ts';
import { accessPointAddress } from '#core/hardware/network/wifi.ts';
import type { LinkStatusBody } from '#core/protocol/endpoints/box.ts';

/** Where the page is for who reads this line: in the network by name and by number, and at the cable's own address. */
export function pagesOf(status: LinkStatusBody): string[] {
  return [...pageAddresses(status), ...(status.usbAddress === null ? [] : [status.usbAddress])];
}

/** "http://onair.local  or  http://192.168.1.20", and "over this cable at http://10.55.0.1"; null where it is not. */
export function pageWords(pages: readonly string[]): { network: string | null; cable: string | null } {
  const [cable] = pages.filter((page) => isAt(usbCableAddress, page));
  const others = pages.filter((page) => !isAt(usbCableAddress, page));
  return {
    network: others.length > 0 ? others.join('  or  ') : null,
    cable: cable === undefined ? null : `over this cable at ${cable}`,
  };
}

/** In a sentence; null where the page is nowhere. */
export function sayPages(pages: readonly string[]): string | null {
  const { network, cable } = pageWords(pages);
  return [network && `at ${network}`, cable].filter(Boolean).join('\nor ') || null;
}

/** The only network is the box's own access point. */
export function isInOwnWifi({ device }: LinkStatusBody): boolean {
  return device.address !== null && isAt(accessPointAddress, device.address);
}

function isAt(host: string, page: string): boolean {
  return new URL(page).hostname === host;
}
