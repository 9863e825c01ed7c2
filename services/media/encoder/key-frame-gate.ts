/**
 * Key frames are expensive, and viewers who join together ask together: a request within `minimumMs` of the
 * last key frame asked for is put off until then, and all that come meanwhile are the same one. None is lost.
 */
export class KeyFrameGate {
  readonly #minimumMs: number;
  readonly #onPass: () => void;
  #passedAtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  constructor({ minimumMs, onPass }: { minimumMs: number; onPass: () => void }) {
    this.#minimumMs = minimumMs;
    this.#onPass = onPass;
  }

  request(): void {
    if (this.#timer) return;
    const waitMs = this.#passedAtMs + this.#minimumMs - performance.now();
    if (waitMs <= 0) this.#pass();
    else this.#timer = setTimeout(() => this.#pass(), waitMs);
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #pass(): void {
    this.#timer = null;
    this.#passedAtMs = performance.now();
    this.#onPass();
  }
}
