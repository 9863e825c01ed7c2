import { createHmac, timingSafeEqual } from 'node:crypto';
import { crc32 } from './crc32.ts';

/** STUN (RFC 8489) as far as ICE's connectivity checks use it (RFC 8445, 7). */
export const stunType = { request: 0x0001, indication: 0x0011, success: 0x0101, error: 0x0111 } as const;

export const stunAttribute = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
  iceControlling: 0x802a,
} as const;

const magicCookie = 0x2112a442;
const headerBytes = 20;
const integrityBytes = 24;
const fingerprintBytes = 8;
const fingerprintMask = 0x5354554e;
/** A check has five or six attributes. */
const maxAttributes = 32;

export interface StunMessage {
  type: number;
  /** Twelve bytes in hexadecimal. */
  transactionId: string;
  attributes: Map<number, Buffer>;
  /** Where MESSAGE-INTEGRITY begins; −1 without it. */
  integrityOffset: number;
  bytes: Buffer;
}

/** Reads one message; null for what is not well-formed STUN with a right fingerprint, which every check has. */
export function parseStun(bytes: Buffer): StunMessage | null {
  if (bytes.length < headerBytes || bytes.readUInt32BE(4) !== magicCookie) return null;
  const end = headerBytes + bytes.readUInt16BE(2);
  if (end !== bytes.length || end % 4 !== 0) return null;
  const message: StunMessage = {
    type: bytes.readUInt16BE(0),
    transactionId: bytes.toString('hex', 8, headerBytes),
    attributes: new Map(),
    integrityOffset: -1,
    bytes,
  };
  let offset = headerBytes;
  let fingerprinted = false;
  for (let count = 0; offset + 4 <= end && count < maxAttributes && !fingerprinted; count += 1) {
    const type = bytes.readUInt16BE(offset);
    const length = bytes.readUInt16BE(offset + 2);
    if (offset + 4 + length > end) return null;
    const value = bytes.subarray(offset + 4, offset + 4 + length);
    if (type === stunAttribute.fingerprint) {
      const expected = (crc32(bytes.subarray(0, offset)) ^ fingerprintMask) >>> 0;
      if (length !== 4 || value.readUInt32BE(0) !== expected) return null;
      fingerprinted = true;
    } else if (message.integrityOffset < 0) {
      // What follows MESSAGE-INTEGRITY is not covered by it.
      if (type === stunAttribute.messageIntegrity) message.integrityOffset = offset;
      if (!message.attributes.has(type)) message.attributes.set(type, value);
    }
    offset += 4 + Math.ceil(length / 4) * 4;
  }
  return fingerprinted && offset === end ? message : null;
}

/** True if the message was made by somebody who knows the password (RFC 8489, 14.5). */
export function isAuthentic(message: StunMessage, password: string): boolean {
  const given = message.attributes.get(stunAttribute.messageIntegrity);
  if (given?.length !== 20 || message.integrityOffset < 0) return false;
  const covered = Buffer.from(message.bytes.subarray(0, message.integrityOffset));
  covered.writeUInt16BE(message.integrityOffset + integrityBytes - headerBytes, 2);
  return timingSafeEqual(given, createHmac('sha1', password).update(covered).digest());
}

/** Writes a message with MESSAGE-INTEGRITY (unless there is no password) and FINGERPRINT. */
export function writeStun(
  type: number,
  transactionId: Buffer,
  attributes: readonly (readonly [type: number, value: Buffer])[],
  password: string | null,
): Buffer {
  const parts = attributes.flatMap(([attribute, value]) => {
    const header = Buffer.alloc(4);
    header.writeUInt16BE(attribute, 0);
    header.writeUInt16BE(value.length, 2);
    return [header, value, Buffer.alloc((4 - (value.length % 4)) % 4)];
  });
  const body = Buffer.concat(parts);
  const plain = headerBytes + body.length;
  const protectedEnd = plain + (password === null ? 0 : integrityBytes);
  const message = Buffer.alloc(protectedEnd + fingerprintBytes);
  message.writeUInt16BE(type, 0);
  message.writeUInt32BE(magicCookie, 4);
  transactionId.copy(message, 8, 0, 12);
  body.copy(message, headerBytes);
  if (password !== null) {
    message.writeUInt16BE(protectedEnd - headerBytes, 2);
    message.writeUInt16BE(stunAttribute.messageIntegrity, plain);
    message.writeUInt16BE(20, plain + 2);
    createHmac('sha1', password)
      .update(message.subarray(0, plain))
      .digest()
      .copy(message, plain + 4);
  }
  message.writeUInt16BE(message.length - headerBytes, 2);
  message.writeUInt16BE(stunAttribute.fingerprint, protectedEnd);
  message.writeUInt16BE(4, protectedEnd + 2);
  const sum = (crc32(message.subarray(0, protectedEnd)) ^ fingerprintMask) >>> 0;
  message.writeUInt32BE(sum, protectedEnd + 4);
  return message;
}

/** XOR-MAPPED-ADDRESS (RFC 8489, 14.2). @param address four bytes or sixteen */
export function xorMappedAddress(address: Buffer, port: number, transactionId: Buffer): Buffer {
  const value = Buffer.alloc(4 + address.length);
  value[1] = address.length === 4 ? 1 : 2;
  value.writeUInt16BE(port ^ (magicCookie >>> 16), 2);
  const mask = Buffer.alloc(16);
  mask.writeUInt32BE(magicCookie, 0);
  transactionId.copy(mask, 4, 0, 12);
  for (const [at, byte] of address.entries()) value[4 + at] = byte ^ (mask[at] ?? 0);
  return value;
}

/** ERROR-CODE (RFC 8489, 14.8). */
export function errorCode(code: number, reason: string): Buffer {
  return Buffer.concat([Buffer.from([0, 0, Math.floor(code / 100), code % 100]), Buffer.from(reason)]);
}
