import type { Logger } from '#core/runtime/logger.ts';
import { PipelineChild } from './child-handle.ts';

/** So long after one was taken: the pipeline that just starts needs the processor more. */
const refillDelayMs = 1_500;

/** Keeps one child process ready, its native code loaded, so that a pipeline starts without that wait. */
export class Standby {
  readonly #logger: Logger;
  #child: PipelineChild | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor({ logger }: { logger: Logger }) {
    this.#logger = logger;
  }

  start(): void {
    if (this.#child !== null || this.#closed) return;
    const child = new PipelineChild({ logger: this.#logger });
    this.#child = child;
    child.once('died', (how) => {
      this.#logger.warn({ how }, 'the standby pipeline process ended');
      if (this.#child !== child) return;
      this.#child = null;
      this.#refill();
    });
    child.start();
  }

  /** The ready child, or one that is still getting ready; it is the caller's from now on. */
  take(): PipelineChild {
    this.start();
    const child = this.#child ?? new PipelineChild({ logger: this.#logger });
    this.#child = null;
    child.removeAllListeners('died');
    this.#refill();
    return child;
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#child?.close();
    this.#child = null;
  }

  #refill(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => this.start(), refillDelayMs);
  }
}
