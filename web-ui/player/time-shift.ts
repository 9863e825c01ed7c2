import type { RoomPlayback } from '#core/domain/room.ts';

/** Nearer to live than this, everybody is best served by their own quickest way. */
const liveWithinSec = 2.5;
/** The oldest that the box still has goes away while one looks: so far from it is safe. */
const marginSec = 4;
/** Less than this is not worth going back for. */
const worthwhileSec = 3;

/**
 * What is watched, and when: live, or so many seconds ago. A position is the time at which a picture was captured,
 * in seconds since the epoch by the box's clock, so that it means the same to everybody who watches together
 * (streamsync.md, "Clocking for sync"); all times here are by that clock.
 */
export class TimeShift {
  readonly #nowMs: () => number;
  readonly #changed: () => void;
  #playback: RoomPlayback | null = null;

  /** @param options.nowMs the box's clock */
  constructor(options: { nowMs: () => number; changed: () => void }) {
    this.#nowMs = options.nowMs;
    this.#changed = options.changed;
  }

  /** Where to be; null for live. */
  get aim(): RoomPlayback | null {
    const playback = this.#playback;
    return playback !== null && (!playback.playing || this.#behind(playback) > liveWithinSec)
      ? playback
      : null;
  }

  get behindSec(): number | null {
    const { aim } = this;
    return aim && this.#behind(aim);
  }

  /** From now on as somebody has said; null for live. */
  follow(playback: RoomPlayback | null): void {
    this.#playback = playback;
    this.#changed();
  }

  /** What to say to go so far back (or forward, below zero), as far as the box still has it. */
  moved(seconds: number, windowSec: number): RoomPlayback {
    const behindSec = (this.behindSec ?? 0) + seconds;
    const within = Math.max(0, Math.min(behindSec, windowSec - marginSec));
    return this.#at(within, this.#playback?.playing ?? true);
  }

  /** What to say to stop here, or go on from here. */
  paused(paused: boolean): RoomPlayback {
    return this.#at(this.behindSec ?? 0, !paused);
  }

  live(): RoomPlayback {
    return this.#at(0, true);
  }

  /** Whether there is anything further back. */
  mayGoBack(windowSec: number): boolean {
    return windowSec - marginSec - (this.behindSec ?? 0) >= worthwhileSec;
  }

  #at(behindSec: number, playing: boolean): RoomPlayback {
    const hostTsMs = Math.round(this.#nowMs());
    return { playing, positionSec: hostTsMs / 1000 - behindSec, hostTsMs };
  }

  #behind({ playing, positionSec, hostTsMs }: RoomPlayback): number {
    return (playing ? hostTsMs : this.#nowMs()) / 1000 - positionSec;
  }
}
