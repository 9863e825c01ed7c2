import { busTimescale } from '#core/protocol/media-bus.ts';

const ticksPerMs = busTimescale / 1000;

/**
 * Puts one encoder after another on the bus's one time line. Each has running time from 0 of its own; on the bus
 * time is CLOCK_MONOTONIC, which also survives a restart of media itself. Where two overlap (a camera's clock is
 * estimated), the later one is shifted as a whole, so that sound stays with pictures.
 */
export class BusTimeline {
  #offset = 0;
  /** The latest times given out, on any encoder. */
  #lastVideo = -1;
  readonly #lastAudio = new Map<string, number>();
  #end = -1;

  /**
   * Another encoder begins.
   * @param startedMonotonicMs CLOCK_MONOTONIC at its running time 0, as known at its first picture
   * @param firstNs running time of that picture
   */
  begin(startedMonotonicMs: number, firstNs: number): void {
    const offset = Math.round(startedMonotonicMs * ticksPerMs);
    const first = offset + ticksOf(firstNs);
    this.#offset = first > this.#end ? offset : offset + this.#end + 1 - first;
  }

  /** Strictly ascending. */
  videoTicks(timeNs: number): number {
    const ticks = Math.max(this.#offset + ticksOf(timeNs), this.#lastVideo + 1);
    this.#lastVideo = ticks;
    this.#end = Math.max(this.#end, ticks);
    return ticks;
  }

  /** Strictly ascending in each track. */
  audioTicks(track: string, timeNs: number): number {
    const ticks = Math.max(this.#offset + ticksOf(timeNs), (this.#lastAudio.get(track) ?? -1) + 1);
    this.#lastAudio.set(track, ticks);
    this.#end = Math.max(this.#end, ticks);
    return ticks;
  }
}

function ticksOf(timeNs: number): number {
  return Math.round((timeNs * busTimescale) / 1e9);
}
