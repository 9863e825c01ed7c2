import { peakEveryMs, peaksKept } from './contract.ts';

/** The loudest sample of each tenth of the last second. */
export class PeakWindow {
  readonly #nowMs: () => number;
  readonly #peaks = new Map<number, number>();

  constructor({ nowMs }: { nowMs: () => number }) {
    this.#nowMs = nowMs;
  }

  /** @param samples S16LE, stereo */
  add(samples: Buffer): void {
    let peak = 0;
    for (let at = 0; at + 1 < samples.length; at += 2) {
      const value = samples.readInt16LE(at);
      const size = value < 0 ? -value : value;
      if (size > peak) peak = size;
    }
    const slot = this.#slot;
    this.#peaks.set(slot, Math.max(peak, this.#peaks.get(slot) ?? 0));
    for (const old of this.#peaks.keys()) if (old < slot - peaksKept) this.#peaks.delete(old);
  }

  /** Oldest first, 0 to 1; a tenth without any sound is 0. Without sound for a second, none. */
  get peaks(): number[] {
    const slot = this.#slot;
    const slots = Array.from({ length: peaksKept }, (_, at) => slot - peaksKept + at);
    if (![...slots, slot].some((each) => this.#peaks.has(each))) return [];
    return slots.map((each) => (this.#peaks.get(each) ?? 0) / 32_768);
  }

  get #slot(): number {
    return Math.floor(this.#nowMs() / peakEveryMs);
  }
}
