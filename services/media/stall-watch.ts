interface StallWatchOptions {
  /** For the first sign of life after `start`. */
  firstMs: number;
  /** For each one after that. */
  nextMs: number;
  onStall: (silentMs: number) => void;
}

/** Notices that something that must go on has stopped: health is frames advancing, never a process alive. */
export class StallWatch {
  readonly #options: StallWatchOptions;
  #deadlineMs: number;
  #lastMs = 0;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: StallWatchOptions) {
    this.#options = options;
    this.#deadlineMs = options.firstMs;
  }

  start(): void {
    this.#lastMs = performance.now();
    this.#arm();
  }

  /** A sign of life. */
  advance(): void {
    this.#lastMs = performance.now();
    if (this.#deadlineMs === this.#options.nextMs) return;
    this.#deadlineMs = this.#options.nextMs;
    this.#arm();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #arm(): void {
    if (this.#closed) return;
    if (this.#timer) clearTimeout(this.#timer);
    const leftMs = Math.max(1, this.#lastMs + this.#deadlineMs - performance.now());
    // If this process itself was held up, signs of life may wait to be read: look at them first.
    this.#timer = setTimeout(() => setImmediate(() => setImmediate(() => this.#check())), leftMs);
  }

  #check(): void {
    if (this.#closed) return;
    const silentMs = performance.now() - this.#lastMs;
    if (silentMs < this.#deadlineMs) this.#arm();
    else this.#options.onStall(silentMs);
  }
}
