import type { NetworkInterfaceInfo } from 'node:os';
import { accessPointAddress } from './wifi.ts';

export type Interfaces = Readonly<Record<string, NetworkInterfaceInfo[] | undefined>>;

/** Interfaces that lead to no network of others: the USB cable's own one, containers, tunnels. */
const notTheNetwork = /^(lo|usb|docker|veth|br-|virbr|tun|tap|dummy)/;

/** Addresses under which others on the network reach this box: IPv4 first, without link-local IPv6. */
export function lanAddresses(interfaces: Interfaces): string[] {
  const found = Object.entries(interfaces)
    .filter(([name]) => !notTheNetwork.test(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .filter(({ address }) => address !== accessPointAddress);
  const of = (family: string): string[] =>
    found.filter((one) => one.family === family).map(({ address }) => address);
  return [...of('IPv4'), ...of('IPv6')];
}

/** The box's own address in the USB cable's network: firmware/usb-gadget/onair-usb.nmconnection. */
export const usbCableAddress = '10.55.0.1';

/** Whether one of the interfaces has this address. */
export function hasAddress(interfaces: Interfaces, address: string): boolean {
  return Object.values(interfaces).some((own) => own?.some((one) => one.address === address));
}

/** The addresses of one interface. */
export function addressesOn(interfaces: Interfaces, name: string): string[] {
  return (interfaces[name] ?? []).map(({ address }) => address);
}
