import type { Clock } from '#core/domain/clock.ts';

/**
 * 1/6,000 s: the finest unit that is a whole number of ticks of both RTP clocks (15 of 90 kHz, 8 of 48 kHz),
 * so that one offset moves sound and picture by exactly the same time.
 */
export const ticksPerSecond = 6_000;

/** From the last picture of one pipeline to the first of the next, where the clock itself says less. */
const restartGapTicks = ticksPerSecond / 30;
/** A pipeline whose running time is below this has just begun; its streams may still begin earlier than this one. */
const freshTicks = 5 * ticksPerSecond;
/** An epoch that puts a stream further from now than this belongs to another pipeline. */
const plausibleTicks = 2 * ticksPerSecond;

/** One pipeline's place in the session: session time = its running time + offset. */
export interface Epoch {
  readonly offsetTicks: number;
}

/**
 * The time line that every viewer sees: it begins with this process and never goes back. Media's time stamps are
 * running time and begin again with each pipeline (an epoch); the first packet of an epoch is placed at the moment
 * it arrives, and the other stream takes the same offset, so that the gap is the true one and lips stay in step.
 */
export class SessionClock {
  readonly #clock: Clock;
  /** Wall clock less monotonic clock when we began; a later step of the wall clock must not tear streams apart. */
  readonly #wallOffsetMs: number;
  #epoch: Epoch | null = null;
  #latestTicks = Number.NEGATIVE_INFINITY;
  #captureStartedMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wallOffsetMs = clock.nowMs() - clock.monotonicMs();
  }

  /** Monotonic. */
  nowMs(): number {
    return this.#clock.monotonicMs();
  }

  /** Milliseconds since the Unix epoch, at the monotonic clock's pace. */
  wallClockMs(): number {
    return this.nowMs() + this.#wallOffsetMs;
  }

  /** Media says when that was captured which has running time 0: monotonic. */
  captureStartedAt(monotonicMs: number): void {
    this.#captureStartedMs = monotonicMs;
  }

  /**
   * Session time of what is captured just now. Session time itself begins when the first packet arrives: what capture
   * and encoder took until then lies between. Without media's word, or with one about another pipeline, they are the same.
   */
  capturingTicks(): number {
    const nowTicks = this.nowTicks();
    if (this.#captureStartedMs === null || this.#epoch === null) return nowTicks;
    const runningTicks = ((this.nowMs() - this.#captureStartedMs) * ticksPerSecond) / 1000;
    const lagTicks = runningTicks + this.#epoch.offsetTicks - nowTicks;
    return lagTicks >= 0 && lagTicks < plausibleTicks ? nowTicks + Math.round(lagTicks) : nowTicks;
  }

  nowTicks(): number {
    return Math.round((this.nowMs() * ticksPerSecond) / 1000);
  }

  /**
   * The epoch of a stream that begins or begins again.
   * @param previous the epoch it was in, null at its very first packet
   * @param runningTicks the running time of that packet
   */
  enter(previous: Epoch | null, runningTicks: number): Epoch {
    const now = this.nowTicks();
    const current = this.#epoch;
    if (current && current !== previous) {
      // The other stream of the same pipeline came first.
      if (Math.abs(current.offsetTicks + runningTicks - now) < plausibleTicks) return current;
    }
    const earliest = Math.ceil(this.#latestTicks) + restartGapTicks;
    const offsetTicks =
      runningTicks < freshTicks
        ? Math.max(now - runningTicks, earliest)
        : Math.max(now, earliest) - runningTicks;
    this.#epoch = { offsetTicks };
    return this.#epoch;
  }

  /** Tells how far a stream has come in session time. */
  reached(ticks: number): void {
    if (ticks > this.#latestTicks) this.#latestTicks = ticks;
  }
}
