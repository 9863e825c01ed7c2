/** A jump of more than this is a new beginning, and no gap. */
const jumpMs = 3_000;

/**
 * Makes one line of a publisher's time stamps: 32 bits that run over, and publishers that begin again at 0 or jump. Tracks
 * that share a clock share it, so that picture and sound stay together.
 */
export class StreamTime {
  readonly #ticksPerMs: number;
  #last: number | null = null;
  #ticks = 0;

  /** @param ticksPerMs RTMP counts milliseconds, RTP what its payload says */
  constructor(ticksPerMs = 1) {
    this.#ticksPerMs = ticksPerMs;
  }

  /** @param timestamp modulo 2^32. @returns ms that go on */
  at(timestamp: number): number {
    const step = this.#last === null ? 0 : (timestamp - this.#last) | 0; // also over the end of 32 bits
    this.#ticks += Math.abs(step) > jumpMs * this.#ticksPerMs ? this.#ticksPerMs : step;
    this.#last = timestamp;
    return this.#ticks / this.#ticksPerMs;
  }

  /** Where on the line this time stamp lies that is told beside it; null before the line begins. */
  of(timestamp: number): number | null {
    if (this.#last === null) return null;
    return (this.#ticks + ((timestamp - this.#last) | 0)) / this.#ticksPerMs;
  }
}
