import type { Clock } from '#core/domain/clock.ts';
import { picturesWithinMs } from '#core/domain/picture-time.ts';

/** Watches whether pictures arrive: says so when they begin, and when none has come for a second. */
export class FlowMonitor {
  readonly #clock: Clock;
  readonly #changed: (flowing: boolean) => void;
  #cancelTimer: (() => void) | null = null;
  #lastMs = 0;
  #flowing = false;

  constructor(options: { clock: Clock; changed: (flowing: boolean) => void }) {
    this.#clock = options.clock;
    this.#changed = options.changed;
  }

  get flowing(): boolean {
    return this.#flowing;
  }

  /** A packet came. */
  arrived(): void {
    this.#lastMs = this.#clock.monotonicMs();
    if (this.#flowing) return;
    this.#flowing = true;
    this.#watch(picturesWithinMs);
    this.#changed(true);
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  #watch(delayMs: number): void {
    this.#cancelTimer = this.#clock.after(delayMs, () => {
      const silentMs = this.#clock.monotonicMs() - this.#lastMs;
      if (silentMs < picturesWithinMs) {
        this.#watch(picturesWithinMs - silentMs);
        return;
      }
      this.#cancelTimer = null;
      this.#flowing = false;
      this.#changed(false);
    });
  }
}
