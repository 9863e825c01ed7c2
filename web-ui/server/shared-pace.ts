import { lancastDelayMs } from '../player/reconnect-delay.ts';

/**
 * One back-off for all connections and polls of a page (LANCast, "Reconnection"): a box that does not answer is tried by
 * all of them at the same moments, 1 s, 2 s, 4 s … 30 s apart and up to half longer, not by each in its own time.
 */
export class SharedPace {
  readonly #nowMs: () => number;
  readonly #random: () => number;
  #failures = 0;
  #dueMs = Number.NEGATIVE_INFINITY;

  constructor(options: { nowMs?: () => number; random?: () => number } = {}) {
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
  }

  /** How long nobody tries. */
  get waitMs(): number {
    return Math.max(0, this.#dueMs - this.#nowMs());
  }

  /** The box answered, or there is a new network: whatever is due may be tried. */
  reached(): void {
    this.#failures = 0;
    this.#dueMs = Number.NEGATIVE_INFINITY;
  }

  /** No answer at all. Those who tried together have failed once. */
  missed(): void {
    if (this.waitMs > 0) return;
    this.#dueMs = this.#nowMs() + lancastDelayMs(this.#failures, this.#random);
    this.#failures += 1;
  }
}
