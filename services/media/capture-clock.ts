/**
 * Relates a pipeline's running time to the wall clock. Where the child makes the pictures, it says when
 * running time 0 was. For a camera nobody can: then the frame that came through fastest counts as captured
 * when it arrived, so what is told is late by that frame's encoding time (some milliseconds), never early.
 */
export class CaptureClock {
  #baseMs = Number.POSITIVE_INFINITY;
  #exact = false;

  setBase(baseMonotonicMs: number): void {
    this.#baseMs = baseMonotonicMs;
    this.#exact = true;
  }

  /** A frame of this running time arrived. */
  observe(timeNs: number, nowMonotonicMs: number): void {
    if (!this.#exact) this.#baseMs = Math.min(this.#baseMs, nowMonotonicMs - timeNs / 1e6);
  }

  /** CLOCK_MONOTONIC at running time 0; null before a frame has come. */
  get startedMonotonicMs(): number | null {
    return Number.isFinite(this.#baseMs) ? this.#baseMs : null;
  }

  /**
   * The wall clock, ms since the epoch, at this running time. Computed from now on backwards, so that a wall
   * clock that was set meanwhile (a board without one, after boot) is followed at once.
   */
  wallMs(timeNs: number, nowMonotonicMs: number, nowWallMs: number): number {
    return Math.round(nowWallMs - (nowMonotonicMs - (this.#baseMs + timeNs / 1e6)));
  }
}
