/** Pictures that come at all come more often than this. */
const silenceMs = 1_000;

/** Watches whether pictures arrive: says so when they begin, and when none has come for a second. */
export class FlowMonitor {
  readonly #nowMs: () => number;
  readonly #changed: (flowing: boolean) => void;
  #timer: NodeJS.Timeout | null = null;
  #lastMs = 0;
  #flowing = false;

  constructor(options: { nowMs: () => number; changed: (flowing: boolean) => void }) {
    this.#nowMs = options.nowMs;
    this.#changed = options.changed;
  }

  get flowing(): boolean {
    return this.#flowing;
  }

  /** A packet came. */
  arrived(): void {
    this.#lastMs = this.#nowMs();
    if (this.#flowing) return;
    this.#flowing = true;
    this.#watch(silenceMs);
    this.#changed(true);
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #watch(delayMs: number): void {
    this.#timer = setTimeout(() => {
      const silentMs = this.#nowMs() - this.#lastMs;
      if (silentMs < silenceMs) {
        this.#watch(silenceMs - silentMs);
        return;
      }
      this.#timer = null;
      this.#flowing = false;
      this.#changed(false);
    }, delayMs);
  }
}
