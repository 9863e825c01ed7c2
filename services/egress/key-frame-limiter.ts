/**
 * Key frames cost everybody bits: whoever asks is served, but requests closer together than `intervalMs` are
 * answered by one request at the end of the interval. None is lost: after every request a key frame follows.
 */
export class KeyFrameLimiter {
  readonly #send: () => void;
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | null = null;
  #asked = false;

  constructor(options: { intervalMs: number; send: () => void }) {
    this.#intervalMs = options.intervalMs;
    this.#send = options.send;
  }

  request(): void {
    this.#asked = true;
    if (this.#timer === null) this.#serve();
  }

  /** A key frame has just come: what was asked for before it is served. */
  served(): void {
    this.#asked = false;
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#asked = false;
  }

  #serve(): void {
    this.#asked = false;
    this.#send();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#asked) this.#serve();
    }, this.#intervalMs);
  }
}
