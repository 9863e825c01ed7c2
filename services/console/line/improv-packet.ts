/**
 * Packets of Improv Wi-Fi Serial 1.0 (https://www.improv-wifi.com/serial/): `IMPROV`, version 1, type, length,
 * data, the low byte of the sum of all that, then a line end.
 */
export const improvHeader: Uint8Array = Buffer.from('IMPROV\u0001', 'latin1');

export const packetType = { currentState: 1, errorState: 2, rpc: 3, rpcResult: 4 } as const;

/** Commands and their results begin with a byte that says which, and the length of the rest once more. */
const rpcHeadBytes = 2;

export interface ImprovPacket {
  type: number;
  data: Uint8Array;
}

const newline = 0x0a;

/** A packet on a line of its own: the reference client judges the first nine bytes of each line. */
export function encodePacket({ type, data }: ImprovPacket): Uint8Array {
  const packet = Buffer.concat([improvHeader, Buffer.from([type, data.length]), data]);
  return Buffer.concat([Buffer.from([newline]), packet, Buffer.from([checksum(packet), newline])]);
}

/** How many bytes follow the header and the two bytes of type and length: data and checksum. */
export function bytesAfter(length: number): number {
  return length + 1;
}

/**
 * Whether these bytes can be the beginning of a packet's body, so that noise behind a header is known for noise before
 * it has swallowed the lines after it.
 * @param body what followed the header so far
 */
export function mayBePacket(body: readonly number[]): boolean {
  const [type, length, , innerLength] = body;
  if (length === undefined) return true;
  switch (type) {
    case packetType.currentState:
    case packetType.errorState:
      return length === 1;
    case packetType.rpc:
    case packetType.rpcResult:
      return length >= rpcHeadBytes && (innerLength === undefined || innerLength === length - rpcHeadBytes);
    default:
      return false;
  }
}

/**
 * @param body what followed the header: type, length, data, checksum
 * @returns null where length or checksum do not fit
 */
export function decodePacket(body: Uint8Array): ImprovPacket | null {
  const [type = 0, length = 0] = body;
  if (body.length !== 2 + bytesAfter(length)) return null;
  const whole = Buffer.concat([improvHeader, body.subarray(0, -1)]);
  if (checksum(whole) !== body.at(-1)) return null;
  return { type, data: body.subarray(2, -1) };
}

function checksum(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;
}
