/** Five frames a second is the least that the box sends: longer than two of them, and people see it. */
const stillFromMs = 450;
const windowMs = 60_000;
/** So much of it within a minute, and somebody wonders what is wrong. */
const manyStalls = 4;
const longStillMs = 5_000;
/** Nobody wants to be asked again and again. */
const askEveryMs = 10 * 60_000;

/** How pictures did over the last minute. */
export interface Stalls {
  count: number;
  stillMs: number;
}

/** Counts how often and how long pictures that should have moved stood still. */
export class StallWatch {
  #frames = 0;
  #movedAtMs: number | null = null;
  #stalls: { endMs: number; stillMs: number }[] = [];
  #askedAtMs = Number.NEGATIVE_INFINITY;

  /** @param expected false where pictures need not move: paused, hidden, nothing on air */
  note(frames: number, expected: boolean, nowMs: number): void {
    if (!expected) {
      this.#movedAtMs = null;
    } else if (frames !== this.#frames || this.#movedAtMs === null) {
      const stillMs = this.#movedAtMs === null ? 0 : nowMs - this.#movedAtMs;
      if (stillMs >= stillFromMs) this.#stalls.push({ endMs: nowMs, stillMs });
      this.#movedAtMs = nowMs;
    }
    this.#frames = frames;
  }

  lastMinute(nowMs: number): Stalls {
    this.#stalls = this.#stalls.filter(({ endMs }) => nowMs - endMs < windowMs);
    return {
      count: this.#stalls.length,
      stillMs: this.#stalls.reduce((sum, { stillMs }) => sum + stillMs, 0),
    };
  }

  /** Whether to ask if help is wanted; true only now and then. */
  shouldAsk(nowMs: number): boolean {
    const { count, stillMs } = this.lastMinute(nowMs);
    if (count < manyStalls && stillMs < longStillMs) return false;
    if (nowMs - this.#askedAtMs < askEveryMs) return false;
    this.#askedAtMs = nowMs;
    return true;
  }
}
