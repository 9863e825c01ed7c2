/**
 * The RTP that media sends over loopback (RFC 3550, 5.1): a plain header of twelve bytes, no contributing
 * sources, no extension, no padding. Whatever looks different did not come from our pipeline.
 */
export type MediaKind = 'video' | 'audio';

export const headerBytes = 12;
/** Media packs 1,200 bytes; nothing longer than an Ethernet frame can be one of its packets. */
export const maxPacketBytes = 1_472;

const plainVersion2 = 0x80;

/** What media sends on each of its two ports (`rtph264pay pt=96`, `rtpopuspay pt=111`). */
export const inputFormat = {
  video: { payloadType: 96, clockRate: 90_000 },
  audio: { payloadType: 111, clockRate: 48_000 },
} as const;

/** True for a packet that can be one of media's, of this kind. */
export function isInputPacket(kind: MediaKind, packet: Buffer): boolean {
  if (packet.length <= headerBytes || packet.length > maxPacketBytes) return false;
  return packet[0] === plainVersion2 && ((packet[1] ?? 0) & 0x7f) === inputFormat[kind].payloadType;
}

export const readSequence = (packet: Buffer): number => packet.readUInt16BE(2);
export const readTimestamp = (packet: Buffer): number => packet.readUInt32BE(4);
export const readSsrc = (packet: Buffer): number => packet.readUInt32BE(8);

export const writeSequence = (packet: Buffer, sequence: number): void => {
  packet[2] = (sequence >>> 8) & 0xff;
  packet[3] = sequence & 0xff;
};
export const writeTimestamp = (packet: Buffer, timestamp: number): void => {
  packet.writeUInt32BE(timestamp >>> 0, 4);
};
export const writeSsrc = (packet: Buffer, ssrc: number): void => {
  packet.writeUInt32BE(ssrc >>> 0, 8);
};
/** Keeps the marker bit. */
export const writePayloadType = (packet: Buffer, payloadType: number): void => {
  packet[1] = ((packet[1] ?? 0) & 0x80) | payloadType;
};

/** `a - b` of two 16-bit sequence numbers, −32,768 to 32,767. */
export const sequenceDifference = (a: number, b: number): number => ((a - b) << 16) >> 16;
/** `a - b` of two 32-bit timestamps, −2³¹ to 2³¹ − 1. */
export const timestampDifference = (a: number, b: number): number => (a - b) | 0;
