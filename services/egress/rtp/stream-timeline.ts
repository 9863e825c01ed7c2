import { sequenceDifference, timestampDifference } from './packet.ts';
import { type Epoch, type SessionClock, ticksPerSecond } from './session-clock.ts';

/** Further ahead, or further back, is neither loss nor disorder on loopback but another pipeline. */
const maxPacketsLost = 3_000;
const maxPacketsLate = 100;
/** Time stamps that depart from the wall clock by more than this between two packets begin a new epoch. */
const maxClockDepartureMs = 5_000;

/**
 * Gives each packet of one stream its place in the session, whichever pipeline it comes from: an index that counts
 * packets without a jump (a packet lost before us stays a gap), and a time stamp on the session's time line.
 */
export class StreamTimeline {
  readonly #clock: SessionClock;
  readonly #clockRate: number;
  readonly #perTick: number;
  readonly #base: number;
  #epoch: Epoch | null = null;
  #ssrc = 0;
  #sequence = 0;
  #inputTimestamp = 0;
  #arrivedMs = 0;

  /** Place of the packet accepted last; −1 before the first. */
  index = -1;
  /** Its RTP time stamp, 0 to 2³² − 1. */
  timestamp = 0;
  /** Its session time. */
  ticks = Number.NEGATIVE_INFINITY;

  /** @param base the time stamp of session time 0 (RFC 3550, 5.1: random) */
  constructor(clock: SessionClock, clockRate: number, base: number) {
    this.#clock = clock;
    this.#clockRate = clockRate;
    this.#perTick = clockRate / ticksPerSecond;
    this.#base = base;
  }

  /** Places one packet of the input; false if it is late or doubled and must be dropped. */
  place(ssrc: number, sequence: number, inputTimestamp: number): boolean {
    const nowMs = this.#clock.nowMs();
    const step = sequenceDifference(sequence, this.#sequence);
    if (this.#epoch === null || this.#beginsAnew(ssrc, step, inputTimestamp, nowMs)) {
      const epoch = this.#clock.enter(this.#epoch, Math.round(inputTimestamp / this.#perTick));
      if (inputTimestamp / this.#perTick + epoch.offsetTicks < this.ticks) return false;
      this.#epoch = epoch;
      this.#ssrc = ssrc;
      this.index += 1;
    } else {
      if (step <= 0) return false;
      this.index += step;
    }
    this.#sequence = sequence;
    this.#inputTimestamp = inputTimestamp;
    this.#arrivedMs = nowMs;
    this.timestamp = (inputTimestamp + this.#epoch.offsetTicks * this.#perTick + this.#base) >>> 0;
    this.ticks = inputTimestamp / this.#perTick + this.#epoch.offsetTicks;
    this.#clock.reached(this.ticks);
    return true;
  }

  /** The time stamp of a moment of session time: what a sender report says of "now". */
  timestampAt(ticks: number): number {
    return (ticks * this.#perTick + this.#base) >>> 0;
  }

  #beginsAnew(ssrc: number, step: number, inputTimestamp: number, nowMs: number): boolean {
    if (ssrc !== this.#ssrc || step > maxPacketsLost || step < -maxPacketsLate) return true;
    const passedMs = (timestampDifference(inputTimestamp, this.#inputTimestamp) / this.#clockRate) * 1000;
    return Math.abs(passedMs - (nowMs - this.#arrivedMs)) > maxClockDepartureMs;
  }
}
