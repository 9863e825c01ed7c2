/** Why pictures that stand still are no fault: the viewer paused, or nobody sees the page and the browser rests. */
export type Excuse = 'paused' | 'hidden';

/** Whether pictures really move: told the count of frames now and then, it knows since when that stands still. */
export class FrameWatch {
  #frames = 0;
  #advancedAtMs = 0;
  #forgivenUntilMs = 0;
  readonly #excuses = new Set<Excuse>();

  get excused(): boolean {
    return this.#excuses.size > 0;
  }

  /** The count may begin again from 0 with a new session: any change is an advance. */
  note(frames: number, nowMs: number): void {
    if (frames === this.#frames) return;
    this.#frames = frames;
    this.#advancedAtMs = nowMs;
  }

  /** A picture was seen, whatever the count says. */
  restart(nowMs: number): void {
    this.#advancedAtMs = nowMs;
  }

  /** Frames could not be expected until now: that they stood still is true, but nobody's fault. */
  forgive(nowMs: number): void {
    this.#forgivenUntilMs = nowMs;
  }

  excuse(excuse: Excuse, holds: boolean, nowMs: number): void {
    if (holds) this.#excuses.add(excuse);
    else this.#excuses.delete(excuse);
    this.restart(nowMs);
  }

  /** A frame came in the last `withinMs`. */
  moved(nowMs: number, withinMs: number): boolean {
    return !this.excused && nowMs - this.#advancedAtMs < withinMs;
  }

  /** For how long frames have stood still. */
  frozenMs(nowMs: number): number {
    return this.excused ? 0 : nowMs - this.#advancedAtMs;
  }

  /** For how long frames have stood still that should have come. */
  overdueMs(nowMs: number): number {
    return Math.min(this.frozenMs(nowMs), nowMs - this.#forgivenUntilMs);
  }
}
