import type { Clock } from '#core/domain/clock.ts';
import { whenIdle } from '../process-idle.ts';

interface StallWatchOptions {
  /** For the first sign of life after `start`. */
  firstMs: number;
  /** For each one after that. */
  nextMs: number;
  /** What is watched: one that still works is only slow, and gets longer. */
  pid: () => number | undefined;
  /** One that works all the time and gets nothing done is waited for this many times as long. */
  patience: number;
  onStall: (silentMs: number) => void;
  clock: Clock;
}

/** Notices that something that must go on has stopped: health is frames advancing, never a process alive. */
export class StallWatch {
  readonly #options: StallWatchOptions;
  #deadlineMs: number;
  #lastMs = 0;
  #cancel: () => void = () => {};
  /** Ends the wait for a process that is late and works. */
  #cancelGrace: (() => void) | null = null;
  #closed = false;

  constructor(options: StallWatchOptions) {
    this.#options = options;
    this.#deadlineMs = options.firstMs;
  }

  start(): void {
    this.#lastMs = this.#options.clock.monotonicMs();
    this.#arm();
  }

  /** A sign of life. */
  advance(): void {
    this.#lastMs = this.#options.clock.monotonicMs();
    if (this.#deadlineMs === this.#options.nextMs && this.#cancelGrace === null) return;
    this.#cancelGrace?.();
    this.#cancelGrace = null;
    this.#deadlineMs = this.#options.nextMs;
    this.#arm();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
    this.#cancelGrace?.();
  }

  #arm(): void {
    if (this.#closed) return;
    this.#cancel();
    const { clock } = this.#options;
    const leftMs = Math.max(1, this.#lastMs + this.#deadlineMs - clock.monotonicMs());
    // If this process itself was held up, signs of life may wait to be read: look at them first.
    this.#cancel = clock.after(leftMs, () => setImmediate(() => setImmediate(() => this.#check())));
  }

  #check(): void {
    if (this.#closed) return;
    const silentMs = this.#options.clock.monotonicMs() - this.#lastMs;
    if (silentMs < this.#deadlineMs) {
      this.#arm();
      return;
    }
    const { pid, patience, clock, onStall } = this.#options;
    const lastMs = this.#lastMs;
    this.#cancelGrace = whenIdle(pid(), { atMostMs: (patience - 1) * this.#deadlineMs }, () => {
      if (this.#lastMs === lastMs) onStall(clock.monotonicMs() - lastMs);
    });
  }
}
