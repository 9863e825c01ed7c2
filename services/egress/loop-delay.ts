import { monitorEventLoopDelay } from 'node:perf_hooks';

/** It wakes the process this often. */
const resolutionMs = 10;

/** How late this process's timers are, while somebody is served: an idle box shall sleep. */
export class LoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  #measures = false;

  /** Measures, or lets the process sleep. */
  measure(wanted: boolean): void {
    if (wanted === this.#measures) return;
    this.#measures = wanted;
    if (wanted) this.#histogram.enable();
    else this.#histogram.disable();
    this.#histogram.reset();
  }

  /** Since this was asked last, 95th percentile; 0 where it does not measure. */
  takeMs(): number {
    if (!this.#measures) return 0;
    const lateMs = this.#histogram.percentile(95) / 1e6 - resolutionMs;
    this.#histogram.reset();
    return Math.max(0, lateMs);
  }

  close(): void {
    this.measure(false);
  }
}
