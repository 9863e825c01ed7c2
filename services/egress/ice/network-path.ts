import { isIPv4, isIPv6 } from 'node:net';

/**
 * Both ends of a flow of datagrams, as the addon has them: remote address (16 bytes, IPv4 mapped), port, scope, local
 * address, interface. An answer leaves from the address that the question came to.
 */
export type NetworkPath = Buffer;

export const pathBytes = 42;
const mappedPrefix = Buffer.from('00000000000000000000ffff', 'hex');

/** The way to an address, from whichever address of ours the routes choose. @param address an IP literal */
export function pathTo(address: string, port: number): NetworkPath {
  const path = Buffer.alloc(pathBytes);
  addressBytes(address).copy(path, 0);
  path.writeUInt16BE(port, 16);
  return path;
}

/** The remote end, to look a path up by. */
export const remoteKey = (path: NetworkPath): string => path.toString('latin1', 0, 22);

export const remotePort = (path: NetworkPath): number => path.readUInt16BE(16);

/** The remote address, four bytes or sixteen. */
export function remoteAddress(path: NetworkPath): Buffer {
  const mapped = path.subarray(0, 12).equals(mappedPrefix);
  return mapped ? path.subarray(12, 16) : path.subarray(0, 16);
}

/** fe80::/10: on which link it is, only a datagram from there can tell. */
export const isLinkLocal6 = (address: string): boolean =>
  isIPv6(address) && ((addressBytes(address)[1] ?? 0) & 0xc0) === 0x80 && addressBytes(address)[0] === 0xfe;

/** Sixteen bytes. @param address an IP literal, without a zone */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.concat([mappedPrefix, ipv4Bytes(address)]);
  const [head = '', tail] = address.split('::');
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array<number>(Math.max(0, 16 - before.length - after.length)).fill(0);
  return Buffer.from([...before, ...zeros, ...after].slice(0, 16));
}

const ipv4Bytes = (address: string): Buffer => Buffer.from(address.split('.').map(Number));

function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return [...ipv4Bytes(group)];
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
