import { headerBytes } from './packet.ts';

/** NAL unit types (ITU-T H.264, table 7-1) and packet types (RFC 6184, 5.2). */
const nal = { idr: 5, sps: 7, stapA: 24, fuA: 28 };

/** What of a random access point begins in a packet: bits of `nalContent`. */
export const nalContent = { sps: 1, idr: 2 } as const;

const contentOf = (type: number): number =>
  type === nal.sps ? nalContent.sps : type === nal.idr ? nalContent.idr : 0;

/** SEI, SPS, PPS and access unit delimiter: what comes before the picture. */
const isBeforePicture = (type: number): boolean => type >= 6 && type <= 9;

/**
 * Takes the marker off a packet that holds no part of a picture: it can't be the last of its access unit.
 * `rtph264pay` answers a forced key frame with the parameter sets in a packet of its own, marked so; a browser takes
 * that for a picture, can't decode it, and asks for a key frame, for ever.
 */
export function unmarkHeaders(packet: Buffer): void {
  const second = packet[1] ?? 0;
  if ((second & 0x80) === 0) return;
  const type = (packet[headerBytes] ?? 0) & 0x1f;
  let headersOnly = isBeforePicture(type);
  if (type === nal.stapA) {
    headersOnly = true;
    for (const each of aggregatedTypes(packet)) headersOnly &&= isBeforePicture(each);
  }
  if (headersOnly) packet[1] = second & 0x7f;
}

/** Which of SPS and IDR slice begin in this H.264 packet (packetization-mode 1), as bits of `nalContent`. */
export function beginningNals(packet: Buffer): number {
  const type = (packet[headerBytes] ?? 0) & 0x1f;
  if (type === nal.fuA) {
    const header = packet[headerBytes + 1] ?? 0;
    return header & 0x80 ? contentOf(header & 0x1f) : 0;
  }
  if (type !== nal.stapA) return contentOf(type);
  let content = 0;
  for (const each of aggregatedTypes(packet)) content |= contentOf(each);
  return content;
}

/** The types of the NAL units in a STAP-A (RFC 6184, 5.7.1). */
function* aggregatedTypes(packet: Buffer): Generator<number> {
  let offset = headerBytes + 1;
  while (offset + 3 <= packet.length) {
    yield (packet[offset + 2] ?? 0) & 0x1f;
    offset += 2 + packet.readUInt16BE(offset);
  }
}

/**
 * Finds where a viewer may begin: the first packet of the latest access unit that carries an SPS and an IDR slice.
 * Packets of one access unit share a time stamp.
 */
export class RandomAccess {
  #unitTimestamp = -1;
  #unitStart = -1;
  #unitContent = 0;

  /** Index of the first packet of that access unit; −1 before there was one. */
  startIndex = -1;

  /** Takes the next packet; true as soon as its access unit turns out to be a new point of random access. */
  push(packet: Buffer, index: number, timestamp: number): boolean {
    if (timestamp !== this.#unitTimestamp) {
      this.#unitTimestamp = timestamp;
      this.#unitStart = index;
      this.#unitContent = 0;
    }
    if (this.startIndex === this.#unitStart) return false;
    this.#unitContent |= beginningNals(packet);
    if (this.#unitContent !== (nalContent.sps | nalContent.idr)) return false;
    this.startIndex = this.#unitStart;
    return true;
  }
}
