import type { PictureCodec } from '../stream-protocol.ts';

/** Finds the packets with which a key frame begins that a decoder can begin with. */
export class KeyFrames {
  readonly #codec: PictureCodec;
  /** H.264: a decoder needs its parameter sets, which may come once and long before. */
  #hasParameters: boolean;
  #timestamp: number | null = null;

  /** @param options.hasParameters the decoder was told them otherwise */
  constructor({ codec, hasParameters }: { codec: PictureCodec; hasParameters: boolean }) {
    this.#codec = codec;
    this.#hasParameters = hasParameters;
  }

  /** Whether a key frame begins with this packet: the first of several that have its time. */
  begins(timestamp: number, payload: Buffer): boolean {
    const isNew = timestamp !== this.#timestamp;
    return isNew && this.#isKey(payload) && this.#begin(timestamp);
  }

  /** Something is lost: what begins again may have the same time. */
  lose(): void {
    this.#timestamp = null;
  }

  #begin(timestamp: number): true {
    this.#timestamp = timestamp;
    return true;
  }

  #isKey(payload: Buffer): boolean {
    if (this.#codec === 'vp8') return beginsVp8(payload);
    const units = h264Units(payload);
    if (units.includes(sps)) this.#hasParameters = true;
    return this.#hasParameters && (units.includes(sps) || units.includes(idr));
  }
}

const idr = 5;
const sps = 7;
const stapA = 24;
const fuA = 28;

/** The kinds of the units that begin in a payload (RFC 6184, 5.2). */
function h264Units(payload: Buffer): number[] {
  const type = (payload[0] ?? 0) & 0x1f;
  if (type === fuA) return (payload[1] ?? 0) & 0x80 ? [(payload[1] ?? 0) & 0x1f] : [];
  if (type !== stapA) return [type];
  const units: number[] = [];
  for (let at = 1; at + 2 < payload.length; at += 2 + payload.readUInt16BE(at))
    units.push((payload[at + 2] ?? 0) & 0x1f);
  return units;
}

/** RFC 7741, 4.2 and 4.3. */
function beginsVp8(payload: Buffer): boolean {
  const first = payload[0] ?? 0;
  if ((first & 0x1f) !== 0x10) return false; // not the start of the first partition
  let at = 1;
  if (first & 0x80) {
    const extensions = payload[at] ?? 0;
    at += 1;
    if (extensions & 0x80) at += (payload[at] ?? 0) & 0x80 ? 2 : 1;
    if (extensions & 0x40) at += 1;
    if (extensions & 0x30) at += 1;
  }
  return at < payload.length && ((payload[at] ?? 1) & 1) === 0;
}
