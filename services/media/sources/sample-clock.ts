/** The fastest arrival within this time decides: a busy machine delays some, and hurries none. */
const windowMs = 4_000;
/** Samples that come so much later than their number says are not late: some were lost before them. */
const lostMs = 200;

/**
 * Says when samples were taken, from nothing but their number and their arrival: the time of the fastest arrivals, which
 * follows the device's clock wherever it drifts, without jumps.
 */
export class SampleClock {
  readonly #perMs: number;
  #count = 0;
  /** Arrival minus number, in ms: the least of the present window and of the one before. */
  #leastMs = Number.POSITIVE_INFINITY;
  #formerLeastMs = Number.POSITIVE_INFINITY;
  #windowEndsMs = 0;

  constructor(samplesPerSecond: number) {
    this.#perMs = samplesPerSecond / 1_000;
  }

  /** Samples arrived. @returns CLOCK_MONOTONIC (ms) of the first of them */
  firstOf(count: number, arrivedMs: number): number {
    const end = this.#count + count;
    const offsetMs = arrivedMs - end / this.#perMs;
    if (offsetMs - Math.min(this.#leastMs, this.#formerLeastMs) > lostMs) {
      this.#leastMs = offsetMs;
      this.#formerLeastMs = offsetMs;
    }
    if (arrivedMs >= this.#windowEndsMs) {
      this.#formerLeastMs = this.#windowEndsMs === 0 ? offsetMs : this.#leastMs;
      this.#leastMs = offsetMs;
      this.#windowEndsMs = arrivedMs + windowMs;
    }
    this.#leastMs = Math.min(this.#leastMs, offsetMs);
    const first = this.#count / this.#perMs + Math.min(this.#leastMs, this.#formerLeastMs);
    this.#count = end;
    return first;
  }
}
