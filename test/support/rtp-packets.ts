/** RTP packets as media sends them, made by hand: what is in them does not decode, but is shaped like H.264. */
export interface PacketOptions {
  ssrc?: number;
  sequence: number;
  timestamp: number;
  marker?: boolean;
  payloadType?: number;
}

export function rtpPacket(payload: Buffer, options: PacketOptions): Buffer {
  const { ssrc = 0x1111_1111, sequence, timestamp, marker = false, payloadType = 96 } = options;
  const packet = Buffer.alloc(12 + payload.length);
  packet[0] = 0x80;
  packet[1] = (marker ? 0x80 : 0) | payloadType;
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE(timestamp >>> 0, 4);
  packet.writeUInt32BE(ssrc >>> 0, 8);
  payload.copy(packet, 12);
  return packet;
}

const sps = Buffer.from([0x67, 0x42, 0xc0, 0x1f]);
const pps = Buffer.from([0x68, 0xce, 0x3c, 0x80]);

/** STAP-A of the units (RFC 6184, 5.7.1). */
export function aggregate(...units: Buffer[]): Buffer {
  const parts: Buffer[] = [Buffer.from([0x78])];
  for (const unit of units) {
    const size = Buffer.alloc(2);
    size.writeUInt16BE(unit.length);
    parts.push(size, unit);
  }
  return Buffer.concat(parts);
}

export const parameterSets = (): Buffer => aggregate(sps, pps);

/** One unit in fragments (FU-A, RFC 6184, 5.8). */
export function fragments(type: number, count: number, bytes = 40): Buffer[] {
  return Array.from({ length: count }, (_, at) => {
    const flags = (at === 0 ? 0x80 : 0) | (at === count - 1 ? 0x40 : 0);
    return Buffer.concat([Buffer.from([0x7c, flags | type]), Buffer.alloc(bytes, at)]);
  });
}

/** A stream of pictures, 30 a second from running time 0, as one pipeline of media sends it. */
export class PictureStream {
  readonly #ssrc: number;
  readonly #fragmentBytes: number;
  #sequence: number;
  #pictures = 0;

  constructor({ ssrc = 0x1111_1111, sequence = 0, fragmentBytes = 40 } = {}) {
    this.#ssrc = ssrc;
    this.#sequence = sequence;
    this.#fragmentBytes = fragmentBytes;
  }

  get pictures(): number {
    return this.#pictures;
  }

  /** SPS, PPS and an IDR slice in three fragments. */
  keyFrame(): Buffer[] {
    return this.#picture([parameterSets(), ...fragments(5, 3, this.#fragmentBytes)]);
  }

  /** A slice that needs the pictures before it, in two fragments. */
  frame(): Buffer[] {
    return this.#picture(fragments(1, 2, this.#fragmentBytes));
  }

  #picture(payloads: Buffer[]): Buffer[] {
    const timestamp = this.#pictures * 3_000;
    this.#pictures += 1;
    return payloads.map((payload, at) => {
      const sequence = this.#sequence;
      this.#sequence += 1;
      return rtpPacket(payload, {
        ssrc: this.#ssrc,
        sequence,
        timestamp,
        marker: at === payloads.length - 1,
      });
    });
  }
}

/** The NAL unit type that begins in a packet: 7 for parameter sets in a STAP-A; null inside a fragmented unit. */
export function beginningUnit(packet: Buffer): number | null {
  const type = (packet[12] ?? 0) & 0x1f;
  if (type === 24) return (packet[15] ?? 0) & 0x1f;
  if (type !== 28) return type;
  const header = packet[13] ?? 0;
  return header & 0x80 ? header & 0x1f : null;
}

export const seen = (packet: Buffer) => ({
  payloadType: (packet[1] ?? 0) & 0x7f,
  marker: (packet[1] ?? 0) >> 7 === 1,
  sequence: packet.readUInt16BE(2),
  timestamp: packet.readUInt32BE(4),
  ssrc: packet.readUInt32BE(8),
});
