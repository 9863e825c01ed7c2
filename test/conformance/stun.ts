import { createHmac, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { crc32 } from './crc32.ts';

/** A connectivity check by hand (RFC 8445, 7.2; RFC 8489), for what no library sends. */
export interface Check {
  address: string;
  port: number;
  /** The server's, from its answer. */
  ufrag: string;
  pwd: string;
  ownUfrag: string;
  /** What the client claims to be. */
  role?: 'controlling' | 'controlled';
  timeoutMs?: number;
}

const cookie = 0x2112a442;
const success = 0x0101;

/** @returns the response's type, "success" or its error code; null where none came */
export async function checkOnce({
  address,
  port,
  ufrag,
  pwd,
  ownUfrag,
  role = 'controlling',
  timeoutMs = 2_000,
}: Check): Promise<'success' | number | null> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  socket.on('error', () => {});
  try {
    const transaction = randomBytes(12);
    const request = bindingRequest(transaction, `${ufrag}:${ownUfrag}`, pwd, role);
    const arrived = once(socket, 'message', { signal: AbortSignal.timeout(timeoutMs) });
    const again = setInterval(() => socket.send(request, port, address, () => {}), 300);
    socket.send(request, port, address, () => {});
    try {
      const [response] = (await arrived) as [Buffer];
      if (response.length < 20 || !response.subarray(8, 20).equals(transaction)) return null;
      return response.readUInt16BE(0) === success ? 'success' : errorCode(response);
    } catch {
      return null;
    } finally {
      clearInterval(again);
    }
  } finally {
    socket.close();
  }
}

function bindingRequest(
  transaction: Buffer,
  username: string,
  pwd: string,
  role: NonNullable<Check['role']>,
): Buffer {
  const tieBreaker = randomBytes(8);
  const attributes = [
    attribute(0x0006, Buffer.from(username)),
    attribute(0x0024, Buffer.from([0x6e, 0xff, 0xff, 0xff])), // PRIORITY
    attribute(role === 'controlling' ? 0x802a : 0x8029, tieBreaker),
    ...(role === 'controlling' ? [attribute(0x0025, Buffer.alloc(0))] : []), // USE-CANDIDATE
  ];
  const unsigned = message(transaction, attributes, 24);
  const integrity = attribute(0x0008, createHmac('sha1', pwd).update(unsigned).digest());
  const unchecked = message(transaction, [...attributes, integrity], 8);
  const check = Buffer.alloc(4);
  check.writeUInt32BE((crc32(unchecked) ^ 0x5354554e) >>> 0);
  return Buffer.concat([unchecked, attribute(0x8028, check)]);
}

/** @param moreBytes of attributes that follow later, and count already */
function message(transaction: Buffer, attributes: Buffer[], moreBytes: number): Buffer {
  const body = Buffer.concat(attributes);
  const header = Buffer.alloc(20);
  header.writeUInt16BE(0x0001, 0);
  header.writeUInt16BE(body.length + moreBytes, 2);
  header.writeUInt32BE(cookie, 4);
  transaction.copy(header, 8);
  return Buffer.concat([header, body]);
}

function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.length, 2);
  value.copy(bytes, 4);
  return bytes;
}

function errorCode(response: Buffer): number {
  for (let at = 20; at + 4 <= response.length; ) {
    const [type, length] = [response.readUInt16BE(at), response.readUInt16BE(at + 2)];
    if (type === 0x0009 && at + 8 <= response.length)
      return (response[at + 6] ?? 0) * 100 + (response[at + 7] ?? 0);
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return 0;
}
