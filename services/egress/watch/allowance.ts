/** What may be done some times at once, and again after a while (a token bucket). */
export class Allowance {
  readonly #most: number;
  readonly #everyMs: number;
  #left: number;
  #countedAtMs: number | null = null;

  /** @param most at once. @param everyMs one more each */
  constructor({ most, everyMs }: { most: number; everyMs: number }) {
    this.#most = most;
    this.#everyMs = everyMs;
    this.#left = most;
  }

  /** Takes one; false if none is left. @param nowMs monotonic */
  take(nowMs: number): boolean {
    const passedMs = nowMs - (this.#countedAtMs ?? nowMs);
    this.#countedAtMs = nowMs;
    this.#left = Math.min(this.#most, this.#left + passedMs / this.#everyMs);
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
