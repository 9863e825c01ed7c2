import { catchUp } from '../player/catch-up.ts';
import { FrameWatch } from '../player/frame-watch.ts';
import { needsNudge } from '../player/nudge.ts';
import type { Screen } from './screen.ts';
import type { StepKeeper } from './step-keeper.ts';

const lookMs = 100;
/** A seek on its way to where there is data: no further than this before its end. */
const beforeEndSeconds = 0.2;

/** What hls.js knows of the live edge (seconds). */
export interface LiveEdge {
  readonly latency: number;
  readonly targetLatency: number | null;
  readonly liveSyncPosition: number | null;
}

/** Keeps LL-HLS moving and near the live edge, or in step with others: what hls.js and browsers leave to be done. */
export class LiveKeeper {
  readonly #screen: Screen;
  readonly #edge: LiveEdge;
  readonly #steps: StepKeeper;
  readonly #frames = new FrameWatch();
  #nudgedAtMs = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(screen: Screen, edge: LiveEdge, steps: StepKeeper) {
    this.#screen = screen;
    this.#edge = edge;
    this.#steps = steps;
  }

  /** From the first picture on. */
  start(): void {
    this.#frames.restart(performance.now());
    this.#timer ??= setInterval(() => this.#look(), lookMs);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#screen.video.playbackRate = 1;
  }

  /** Where it would begin if it began now. */
  jump(): void {
    const { liveSyncPosition } = this.#edge;
    if (liveSyncPosition !== null) this.#screen.video.currentTime = liveSyncPosition;
  }

  #look(): void {
    const { video } = this.#screen;
    const nowMs = performance.now();
    this.#frames.note(this.#screen.frames, nowMs);
    if (this.#steps.look() || video.paused || video.seeking || document.hidden) {
      this.#frames.restart(nowMs);
      return;
    }
    const buffered = this.#bufferedSeconds;
    const nudge = needsNudge({
      stillMs: this.#frames.frozenMs(nowMs),
      waiting: video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA,
      bufferedSeconds: buffered,
      sinceNudgeMs: nowMs - this.#nudgedAtMs,
    });
    if (nudge) {
      this.#nudgedAtMs = nowMs;
      video.currentTime = this.#playablePosition(buffered);
    } else {
      this.#keepUp(buffered);
    }
  }

  #keepUp(bufferedSeconds: number): void {
    const { latency, targetLatency } = this.#edge;
    const { video } = this.#screen;
    if (targetLatency === null) return;
    const behindSeconds = latency - targetLatency;
    const rate = catchUp({ behindSeconds, bufferedSeconds, rate: video.playbackRate });
    if (rate === 'jump') this.jump();
    else if (rate !== video.playbackRate) video.playbackRate = rate;
  }

  /** Buffered ahead of the picture, across gaps: a seek gets over them. */
  get #bufferedSeconds(): number {
    const { buffered, currentTime } = this.#screen.video;
    return buffered.length === 0 ? 0 : buffered.end(buffered.length - 1) - currentTime;
  }

  /** Nearest to the live edge that there is data for, and never back. */
  #playablePosition(bufferedSeconds: number): number {
    const { currentTime } = this.#screen.video;
    const last = currentTime + Math.max(0, bufferedSeconds - beforeEndSeconds);
    return Math.min(last, Math.max(currentTime, this.#edge.liveSyncPosition ?? currentTime));
  }
}
