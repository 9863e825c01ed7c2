/** Why pictures that stand still are no fault: the viewer paused, or nobody sees the page and the browser rests. */
export type Excuse = 'paused' | 'hidden';

/** Whether pictures really move: told the count of frames now and then, it knows since when that stands still. */
export class FrameWatch {
  #frames = 0;
  #advancedAtMs = 0;
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

  /** Counts as advanced now: a session begins, or frames could not be expected until now. */
  restart(nowMs: number): void {
    this.#advancedAtMs = nowMs;
  }

  excuse(excuse: Excuse, holds: boolean): void {
    if (holds) this.#excuses.add(excuse);
    else this.#excuses.delete(excuse);
  }

  /** A frame came in the last `withinMs`. */
  moved(nowMs: number, withinMs: number): boolean {
    return !this.excused && nowMs - this.#advancedAtMs < withinMs;
  }

  frozenMs(nowMs: number): number {
    return this.excused ? 0 : nowMs - this.#advancedAtMs;
  }
}
