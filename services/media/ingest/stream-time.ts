/** A jump of more than this is a new beginning, and no gap. */
const jumpMs = 3_000;
const wrap = 2 ** 32;

/**
 * Makes one line of a publisher's time stamps: 32 bits that run over, and publishers that begin again at 0 or jump. Both
 * tracks share it, so that picture and sound stay together.
 */
export class StreamTime {
  #offsetMs = 0;
  #last: number | null = null;
  #lastMs = 0;

  /** @param timestamp ms modulo 2^32. @returns ms that go on */
  at(timestamp: number): number {
    if (this.#last === null) this.#offsetMs = -timestamp;
    else {
      const step = (timestamp - this.#last) | 0; // also over the end of 32 bits
      if (Math.abs(step) > jumpMs) this.#offsetMs = this.#lastMs + 1 - timestamp;
      else if (step > 0 && timestamp < this.#last) this.#offsetMs += wrap;
      else if (step < 0 && timestamp > this.#last) this.#offsetMs -= wrap;
    }
    this.#last = timestamp;
    this.#lastMs = timestamp + this.#offsetMs;
    return this.#lastMs;
  }
}
