import { reconnectDelayMs } from './reconnect-delay.ts';

/** While the server says that it is live, nobody has to wait longer than this for the next try. */
const maxDelayMs = 10_000;
/** The server has no place, and didn't say when to come again. */
const fullDelayMs = 10_000;

/** When the next session may be tried: at once, then less and less often, seldom where there is no place. */
export class RetryPace {
  #failures = 0;
  #changedWay = false;
  #notBeforeMs = 0;
  #fullUntilMs = 0;

  mayTry(nowMs: number): boolean {
    return nowMs >= this.#notBeforeMs && nowMs >= this.#fullUntilMs;
  }

  isFull(nowMs: number): boolean {
    return nowMs < this.#fullUntilMs;
  }

  /** Something changed for the better. */
  reset(): void {
    this.#failures = 0;
    this.#changedWay = false;
    this.#notBeforeMs = 0;
    this.#fullUntilMs = 0;
  }

  /**
   * The first change to another way needs no pause.
   * @param options.decisionMs when it is to be decided whether to change: a try before that must not come later
   */
  fail(nowMs: number, { changesWay, decisionMs }: { changesWay: boolean; decisionMs: number }): void {
    const atOnce = changesWay && !this.#changedWay;
    if (changesWay) this.#changedWay = true;
    const dueMs = nowMs + (atOnce ? 0 : Math.min(reconnectDelayMs(this.#failures, true), maxDelayMs));
    this.#notBeforeMs = nowMs < decisionMs ? Math.min(dueMs, decisionMs) : dueMs;
    this.#failures += 1;
  }

  waitForPlace(nowMs: number, retryAfterMs = fullDelayMs): void {
    this.#fullUntilMs = nowMs + retryAfterMs;
  }
}
