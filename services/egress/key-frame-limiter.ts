import type { Clock } from '#core/domain/clock.ts';

interface Deps {
  clock: Clock;
  intervalMs: number;
  send: () => void;
}

/**
 * Key frames cost everybody bits: every request is served, but those closer together than `intervalMs` are
 * answered by one request at the end of the interval. None is lost: after every request a key frame follows.
 */
export class KeyFrameLimiter {
  readonly #deps: Deps;
  #cancelTimer: (() => void) | null = null;
  #asked = false;

  constructor(deps: Deps) {
    this.#deps = deps;
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
    this.#deps.send();
    this.#cancelTimer = this.#deps.clock.after(this.#deps.intervalMs, () => {
      this.#cancelTimer = null;
      if (this.#asked) this.#serve();
    });
  }
}
