import type { Clock } from '#core/domain/clock.ts';

/**
 * Key frames cost everybody bits: every request is served, but those closer together than `intervalMs` are
 * answered by one request at the end of the interval. None is lost: after every request a key frame follows.
 */
export class KeyFrameLimiter {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #send: () => void;
  #cancelTimer: (() => void) | null = null;
  #asked = false;

  constructor(options: { clock: Clock; intervalMs: number; send: () => void }) {
    this.#clock = options.clock;
    this.#intervalMs = options.intervalMs;
    this.#send = options.send;
  }

  request(): void {
    this.#asked = true;
    if (this.#cancelTimer === null) this.#serve();
  }

  /** A key frame has just come: what was asked for before it is served. */
  served(): void {
    this.#asked = false;
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#asked = false;
  }

  #serve(): void {
    this.#asked = false;
    this.#send();
    this.#cancelTimer = this.#clock.after(this.#intervalMs, () => {
      this.#cancelTimer = null;
      if (this.#asked) this.#serve();
    });
  }
}
