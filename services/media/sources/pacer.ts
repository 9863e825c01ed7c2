import { monotonicMs } from '#core/runtime/monotonic.ts';

interface PacerOptions {
  perSecond: number;
  /** How many slots that were missed are made up for; 0 skips them all: late frames never come in a burst. */
  catchUp: number;
  onSlot: (slot: number, dueMs: number) => void;
}

/** Calls `onSlot` for slot 0, 1, 2 … each at its time on the monotonic clock, without drift. */
export class Pacer {
  readonly #options: PacerOptions;
  #baseMs = 0;
  #next = 0;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  start(baseMs: number): void {
    this.#baseMs = baseMs;
    this.#tick();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #tick(): void {
    if (this.#closed) return;
    const { perSecond, catchUp, onSlot } = this.#options;
    const newest = Math.floor(((monotonicMs() - this.#baseMs) * perSecond) / 1000);
    for (let slot = Math.max(this.#next, newest - catchUp); slot <= newest; slot += 1) {
      onSlot(slot, this.#baseMs + (slot * 1000) / perSecond);
    }
    this.#next = Math.max(this.#next, newest + 1);
    const waitMs = this.#baseMs + (this.#next * 1000) / perSecond - monotonicMs();
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, waitMs));
  }
}
