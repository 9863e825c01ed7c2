/** What ran this long was well, as processes and connections go: its next failure is the first again. */
export const wellAfterMs = 10_000;

/** Delays that double from `firstMs` to `maxMs`: for whatever is tried again until it works. */
export class BackOff {
  #attempt = 0;
  readonly #firstMs: number;
  readonly #maxMs: number;

  constructor({ firstMs, maxMs }: { firstMs: number; maxMs: number }) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
  }

  /** Tries so far since the last `reset`. */
  get attempt(): number {
    return this.#attempt;
  }

  /** The delay before the next try, in milliseconds. */
  next(): number {
    const delayMs = Math.min(this.#firstMs * 2 ** Math.min(this.#attempt, 30), this.#maxMs);
    this.#attempt += 1;
    return delayMs;
  }

  reset(): void {
    this.#attempt = 0;
  }
}
