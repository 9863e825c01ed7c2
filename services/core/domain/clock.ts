/** Time as the domain sees it, so that tests drive it instead of sleeping. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /**
   * Milliseconds since some moment, for measuring how long something takes: unlike `nowMs` it never jumps when
   * network time sets the clock of a board that has none of its own.
   */
  monotonicMs(): number;
  /** Runs `callback` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void;
  /** Runs `callback` every `intervalMs`; the returned function ends it. */
  every(intervalMs: number, callback: () => void): () => void;
}
