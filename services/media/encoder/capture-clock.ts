/** Relates running time to the wall clock. */
export class CaptureClock {
  /** CLOCK_MONOTONIC (ms) at running time 0. */
  readonly startedMonotonicMs: number;

  constructor(startedMonotonicMs: number) {
    this.startedMonotonicMs = startedMonotonicMs;
  }

  /**
   * The wall clock, ms since the epoch, at this running time. Computed from now on backwards, so that a wall
   * clock that was set meanwhile (a board without one, after boot) is followed at once.
   */
  wallMs(timeNs: number, nowMonotonicMs: number, nowWallMs: number): number {
    return Math.round(nowWallMs - (nowMonotonicMs - (this.startedMonotonicMs + timeNs / 1e6)));
  }
}
