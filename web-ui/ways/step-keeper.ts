import type { RoomPlayback } from '#core/domain/room.ts';
import { correctDrift } from '../room/drift.ts';

/** A seek needs a moment before one sees where it has led. */
const seekEveryMs = 1_500;
/** Where one seek after the other doesn't lead there, each is a stutter: less and less often. */
const maxSeekEveryMs = 6_000;
/** Until then it goes there on foot, hardly heard. */
const walkingRate = 0.05;
/** A seek takes a while: so much of what it took last time is added to where it goes. */
const learnedShare = 0.8;
/** From the edges of what the box has. */
const edgeSeconds = 0.3;

/** What it needs of the picture (`Screen`). */
export interface SteppedScreen {
  readonly video: Pick<HTMLVideoElement, 'currentTime' | 'playbackRate' | 'seeking'>;
  readonly paused: boolean;
  readonly held: boolean;
  hold(held: boolean): void;
}

/** What a player knows of the time in its pictures; positions are the element's own (seconds). */
export interface Timeline {
  /** When the picture on the screen was captured, milliseconds since the epoch. */
  dateMs(): number | null;
  /** The oldest and the newest position that can be played. */
  range(): { start: number; end: number } | null;
}

/** Where to be, and what time it is; `aim` is null for live. */
export interface Aim {
  readonly aim: RoomPlayback | null;
  serverNowMs(): number | null;
}

/** Keeps LL-HLS where all who watch together are: seeks when far off, else plays a little faster or slower. */
export class StepKeeper {
  readonly #screen: SteppedScreen;
  readonly #timeline: Timeline;
  readonly #aim: Aim;
  readonly #nowMs: () => number;
  #soughtAtMs = Number.NEGATIVE_INFINITY;
  #seekLeadSec = 0;
  #seekEveryMs = seekEveryMs;
  #followed: RoomPlayback | null = null;

  constructor(options: { screen: SteppedScreen; timeline: Timeline; aim: Aim; nowMs: () => number }) {
    this.#screen = options.screen;
    this.#timeline = options.timeline;
    this.#aim = options.aim;
    this.#nowMs = options.nowMs;
  }

  /** To be called about ten times a second. @returns false where it has nothing to say: live */
  look(): boolean {
    const { aim } = this.#aim;
    const followed = this.#followed;
    this.#followed = aim;
    this.#screen.hold(aim !== null && !aim.playing && followed !== null);
    if (aim === null) {
      if (followed !== null) this.#screen.video.playbackRate = 1;
      return false;
    }
    this.#correct(aim, aim !== followed);
    return true;
  }

  #correct(aim: RoomPlayback, first: boolean): void {
    const { video } = this.#screen;
    const dateMs = this.#timeline.dateMs();
    const nowMs = this.#aim.serverNowMs();
    const range = this.#timeline.range();
    const viewerPaused = this.#screen.paused && !this.#screen.held;
    if (dateMs === null || nowMs === null || range === null || video.seeking || viewerPaused) return;
    const localMs = this.#nowMs();
    const positionSec = dateMs / 1000;
    const correction = correctDrift(aim, positionSec, nowMs);
    if (correction.action !== 'seek') {
      // The last one led there, and it stayed so.
      if (localMs - this.#soughtAtMs > this.#seekEveryMs + seekEveryMs) this.#seekEveryMs = seekEveryMs;
      if (video.playbackRate !== correction.playbackRate) video.playbackRate = correction.playbackRate;
      return;
    }
    if (first) this.#seekEveryMs = seekEveryMs;
    else if (localMs - this.#soughtAtMs < this.#seekEveryMs) {
      const rate = positionSec > correction.positionSec ? 1 - walkingRate : 1 + walkingRate;
      if (aim.playing && video.playbackRate !== rate) video.playbackRate = rate;
      return;
    } else this.#seekEveryMs = Math.min(this.#seekEveryMs * 2, maxSeekEveryMs);
    // What the last seek missed by is what seeking takes here.
    const missedSec = correction.positionSec - positionSec;
    if (aim.playing && localMs - this.#soughtAtMs < 2 * this.#seekEveryMs && Math.abs(missedSec) < 2)
      this.#seekLeadSec = Math.max(0, this.#seekLeadSec + missedSec * learnedShare);
    const lead = aim.playing ? this.#seekLeadSec : 0;
    const wanted = video.currentTime + missedSec + lead;
    const target = Math.min(Math.max(wanted, range.start + edgeSeconds), range.end - edgeSeconds);
    this.#soughtAtMs = localMs;
    video.playbackRate = 1;
    if (Math.abs(target - video.currentTime) > 0.02) video.currentTime = target;
  }
}
