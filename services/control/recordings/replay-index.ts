import type { FileHandle } from 'node:fs/promises';
import { type FoundFragment, RecordedFileScan } from '#core/fmp4/recorded-file.ts';

/** Of a media segment: long enough for a short list, short enough for the newest to be near. */
const segmentSeconds = 4;
/** Where no key frame comes it ends all the same. */
const maxSegmentSeconds = 6;
/** The longest that a segment gets: the fragment that passes the limit may be a second long. */
export const replayTargetDurationSeconds = maxSegmentSeconds + 1;
const videoTimescale = 90_000;
/** More than this between two fragments is a hole in time. */
const holeTicks = videoTimescale;

/** A part of the recorded file that a player fetches. */
export interface ReplaySegment {
  start: number;
  /** Exclusive. */
  end: number;
  /** Since the begin of the file. */
  startSeconds: number;
  durationSeconds: number;
  /** Time jumps before it. */
  discontinuity: boolean;
}

/** A recorded file in segments for HLS, found by its boxes; grows with the file. */
export class ReplayIndex {
  readonly segments: ReplaySegment[] = [];
  readonly #scan: RecordedFileScan;
  #open: { first: FoundFragment; last: FoundFragment; discontinuity: boolean } | null = null;

  constructor() {
    this.#scan = new RecordedFileScan((fragment) => this.#take(fragment));
  }

  /** Length of ftyp and moov; 0 while they are missing. */
  get initEnd(): number {
    return this.#scan.initEnd;
  }

  /** Null where the clock was not set. */
  get createdAtMs(): number | null {
    return this.#scan.createdAtMs;
  }

  get durationSeconds(): number {
    const last = this.segments.at(-1);
    return last ? last.startSeconds + last.durationSeconds : 0;
  }

  async advance(file: FileHandle): Promise<void> {
    await this.#scan.advance(file);
    if (this.#scan.closing !== 'open') this.#close();
  }

  #take(fragment: FoundFragment): void {
    const open = this.#open;
    if (open) {
      const endTicks = open.last.startTicks + open.last.durationTicks;
      const seconds = (endTicks - open.first.startTicks) / videoTimescale;
      const hole = fragment.startTicks - endTicks > holeTicks;
      if (hole || seconds >= maxSegmentSeconds || (fragment.key && seconds >= segmentSeconds)) {
        this.#close();
        this.#open = { first: fragment, last: fragment, discontinuity: hole };
      } else open.last = fragment;
    } else this.#open = { first: fragment, last: fragment, discontinuity: false };
  }

  #close(): void {
    const open = this.#open;
    this.#open = null;
    if (!open) return;
    const { first, last, discontinuity } = open;
    this.segments.push({
      start: first.moofOffset,
      end: last.end,
      startSeconds: first.startTicks / videoTimescale,
      durationSeconds: (last.startTicks + last.durationTicks - first.startTicks) / videoTimescale,
      discontinuity,
    });
  }
}
