import type { Logger } from '#core/runtime/logger.ts';
import { type ChildKind, NativeChild } from './child-process.ts';

/** So long after one was taken: what just starts needs the processor more. */
const refillDelayMs = 1_500;

/** Keeps one child process of a kind ready, its code loaded, so that what needs one starts without that wait. */
export class Standby<Kind extends ChildKind> {
  readonly #kind: Kind;
  readonly #logger: Logger;
  #child: NativeChild<Kind> | null = null;
  /** Who takes it looks after it alone. */
  #stopWatching: () => void = () => {};
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(kind: Kind, { logger }: { logger: Logger }) {
    this.#kind = kind;
    this.#logger = logger;
  }

  start(): void {
    if (this.#child !== null || this.#closed) return;
    const child = new NativeChild(this.#kind, { logger: this.#logger });
    this.#child = child;
    this.#stopWatching = child.events.on('died', (how) => {
      this.#logger.warn({ how }, `the standby ${this.#kind} process ended`);
      if (this.#child !== child) return;
      this.#child = null;
      this.#refill();
    });
    child.start();
  }

  /** The ready child, or one that is still getting ready; it is the caller's from now on. */
  take(): NativeChild<Kind> {
    this.start();
    const child = this.#child ?? new NativeChild(this.#kind, { logger: this.#logger });
    this.#child = null;
    this.#stopWatching();
    this.#refill();
    return child;
  }

  /** GStreamer looks for devices once, as it is loaded: the one that waits has to do it again. */
  renew(): void {
    this.#child?.close();
    this.#child = null;
    this.start();
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
