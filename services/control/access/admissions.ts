import type { Grant } from '../domain/grant.ts';

interface Held {
  grant: Grant;
  end: () => void;
}

/**
 * Every connection that lasts, with the right it was opened by: web sockets, watch sessions, streamed answers. A
 * request is checked once, when it comes; whatever stays open is checked again when the PIN or the operators change.
 */
export class Admissions {
  readonly #isValid: (grant: Grant) => boolean;
  readonly #held = new Set<Held>();

  constructor({ isValid }: { isValid: (grant: Grant) => boolean }) {
    this.#isValid = isValid;
  }

  /**
   * @param end ends the connection: its right is no longer valid
   * @returns what to call when it has ended by itself; may be called twice
   */
  hold(grant: Grant, end: () => void): () => void {
    const held = { grant, end };
    this.#held.add(held);
    return () => void this.#held.delete(held);
  }

  /** Ends every connection that is no longer allowed. */
  review(): void {
    for (const held of [...this.#held]) {
      // Ending one may have ended another.
      if (!this.#held.has(held) || this.#isValid(held.grant)) continue;
      this.#held.delete(held);
      held.end();
    }
  }
}
