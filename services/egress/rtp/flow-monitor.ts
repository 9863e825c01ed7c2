import type { Clock } from '#core/domain/clock.ts';

/** Pictures that come at all come more often than this. */
const silenceMs = 1_000;

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
    this.#watch(silenceMs);
    this.#changed(true);
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  #watch(delayMs: number): void {
    this.#cancelTimer = this.#clock.after(delayMs, () => {
      const silentMs = this.#clock.monotonicMs() - this.#lastMs;
      if (silentMs < silenceMs) {
        this.#watch(silenceMs - silentMs);
        return;
      }
      this.#cancelTimer = null;
      this.#flowing = false;
      this.#changed(false);
    });
  }
}
