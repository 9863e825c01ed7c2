import type { Clock } from '#core/domain/clock.ts';

/** 2026-01-02T03:04:05Z */
export const startMs = Date.UTC(2026, 0, 2, 3, 4, 5);

interface Timer {
  dueMs: number;
  everyMs: number | null;
  callback: () => void;
}

/** Time that goes on only when the test says so; what is due at one moment runs in the order it was asked for. */
export class DrivenClock implements Clock {
  #monotonicMs = 0;
  #wallOffsetMs = startMs;
  readonly #timers = new Set<Timer>();

  nowMs(): number {
    return this.#monotonicMs + this.#wallOffsetMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#add({ dueMs: this.#monotonicMs + delayMs, everyMs: null, callback });
  }

  every(intervalMs: number, callback: () => void): () => void {
    return this.#add({ dueMs: this.#monotonicMs + intervalMs, everyMs: intervalMs, callback });
  }

  /** Timers that are still to run: what a closed part must not leave behind. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Lets `byMs` pass and runs everything that falls due meanwhile. */
  advance(byMs: number): void {
    const untilMs = this.#monotonicMs + byMs;
    for (;;) {
      let next: Timer | null = null;
      for (const timer of this.#timers) {
        if (timer.dueMs <= untilMs && (next === null || timer.dueMs < next.dueMs)) next = timer;
      }
      if (next === null) break;
      this.#monotonicMs = Math.max(this.#monotonicMs, next.dueMs);
      if (next.everyMs === null) this.#timers.delete(next);
      else next.dueMs += next.everyMs;
      next.callback();
    }
    this.#monotonicMs = untilMs;
  }

  /** The wall clock is set, as network time does on a board that has no clock of its own. */
  setWall(nowMs: number): void {
    this.#wallOffsetMs = nowMs - this.#monotonicMs;
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
}
