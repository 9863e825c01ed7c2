import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolutionMs = 10;

/** How late this process's timers are. */
export class LoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: resolutionMs });

  start(): void {
    this.#histogram.enable();
  }

  /** Since this was asked last, 95th percentile. */
  takeMs(): number {
    const lateMs = this.#histogram.percentile(95) / 1e6 - resolutionMs;
    this.#histogram.reset();
    return Math.max(0, lateMs);
  }

  close(): void {
    this.#histogram.disable();
  }
}
