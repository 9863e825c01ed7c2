import type { PictureCodec } from '../stream-protocol.ts';

/** Whether an RTP payload belongs to the beginning of a key frame. */
export function beginsKeyFrame(codec: PictureCodec, payload: Buffer): boolean {
  return codec === 'vp8' ? beginsVp8(payload) : beginsH264(payload);
}

const idr = 5;
const sps = 7;
const stapA = 24;
const fuA = 28;

/** RFC 6184, 5.2. */
function beginsH264(payload: Buffer): boolean {
  const type = (payload[0] ?? 0) & 0x1f;
  if (type === idr || type === sps) return true;
  const inner = payload[type === stapA ? 3 : 1] ?? 0;
  if (type === stapA) return [idr, sps].includes(inner & 0x1f);
  return type === fuA && (inner & 0x80) !== 0 && (inner & 0x1f) === idr;
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

/** A packet that has not come again within this time is lost. */
const sentAgainMs = 300;
/** More at once is a network that was away. */
const maxMissing = 64;

/** Finds packets that are lost for good: the pictures after them need a key frame. */
export class LossWatch {
  #highest: number | null = null;
  /** Since when each is missing. */
  readonly #missing = new Map<number, number>();

  /** @returns whether something is lost for good */
  take(sequence: number, nowMs: number): boolean {
    const step = this.#highest === null ? 1 : ((sequence - this.#highest) << 16) >> 16;
    if (step <= 0) this.#missing.delete(sequence);
    else {
      const after = this.#highest ?? 0;
      this.#highest = sequence;
      if (step > maxMissing) return this.#lose();
      for (let at = 1; at < step; at += 1) this.#missing.set((after + at) & 0xffff, nowMs);
    }
    const [oldestMs = nowMs] = this.#missing.values();
    return nowMs - oldestMs > sentAgainMs || this.#missing.size > maxMissing ? this.#lose() : false;
  }

  #lose(): true {
    this.#missing.clear();
    return true;
  }
}
