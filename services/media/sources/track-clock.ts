import { monotonicMs } from '#core/runtime/monotonic.ts';
import { ArrivalClock, type FrameClock } from './pulled-frames.ts';

/** Sound that would lie further from its arrival is not placed by such reports: a sender may say anything. */
const mostApartMs = 2_000;

/** When the frames of one track were taken whose line of time is its own: RTP's begins anywhere. */
export class TrackClock implements FrameClock {
  readonly #arrival = new ArrivalClock();
  /** What the sender's clock says at time 0 of the line; null before it has told. */
  #senderMs: number | null = null;

  /** The sender told its own clock at this time of the line (RTCP sender report). */
  report(timeMs: number, senderMs: number): void {
    this.#senderMs = senderMs - timeMs;
  }

  at(timeMs: number, nowMs = monotonicMs()): number {
    return this.#arrival.at(timeMs, nowMs);
  }

  /** @returns when frames of this track arrive that were taken as the other track's of this time were; null where that is not known */
  beside(other: TrackClock, timeMs: number): number | null {
    if (this.#senderMs === null || other.#senderMs === null) return null;
    return this.#arrival.of(timeMs + other.#senderMs - this.#senderMs);
  }
}

/**
 * Places sound where the pictures are that were taken with it, by the sender's own clock: coding and decoding pictures takes
 * longer, by as much as the machines at both ends have to do. Until the sender has told its clock, by its arrival.
 */
export class SoundClock implements FrameClock {
  readonly #own: TrackClock;
  readonly #pictures: TrackClock;

  constructor({ own, pictures }: { own: TrackClock; pictures: TrackClock }) {
    this.#own = own;
    this.#pictures = pictures;
  }

  /** Whether sound is placed by the pictures. */
  get follows(): boolean {
    return this.#pictures.beside(this.#own, 0) !== null;
  }

  at(timeMs: number, nowMs = monotonicMs()): number {
    const arrivedMs = this.#own.at(timeMs, nowMs);
    const besideMs = this.#pictures.beside(this.#own, timeMs);
    return besideMs === null || Math.abs(besideMs - arrivedMs) > mostApartMs ? arrivedMs : besideMs;
  }
}
