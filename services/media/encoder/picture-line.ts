import type { Clock } from '#core/domain/clock.ts';
import { nextPictureWithinMs } from '#core/domain/picture-time.ts';
import { type AirPlan, nothingOnAir, slateId } from './plan.ts';

/** What a picture line reads pictures from. */
export interface PictureInput {
  /** Reads the newest picture; false where there is none that can be read. */
  read(into: Buffer): boolean;
}

interface PictureLineOptions {
  framesPerSecond: number;
  pictureBytes: number;
  clock: Clock;
  /** Time 0 of the line, CLOCK_MONOTONIC ms. */
  baseMs: number;
  /**
   * Paints the slate; the bytes are used before the next call.
   * @param background the operator's own picture, which may be painted on; null for the built-in one
   */
  paintSlate: (nowMs: number, background: Buffer | null) => Buffer;
  push: (bytes: Buffer, timeNs: number) => void;
  onShowing: (id: string) => void;
  onFresh: (id: string, fresh: boolean) => void;
}

interface Line {
  input: PictureInput;
  /** When a picture came last; null before the first. */
  seenMs: number | null;
  fresh: boolean;
  /** Without a picture for so long it counts as silent. */
  staleAfterMs: number;
  capturedMs: number;
  /** Added to its capture times: a source that is further behind than what was on the air keeps that distance. */
  shiftMs: number;
}

const lookEveryMs = 100;
/** The slate is on the air within max(1 s, 5 frame intervals) of the last fresh picture: decided this much before. */
const slateMarginMs = 200;
/** The last picture is shown again where the next one is later than this, and three frames. */
const holdAfterMs = 100;
/** A source that is no further behind what was on the air is waited for; one that is, keeps its distance. */
const patienceMs = 60;
/** What comes sooner after the picture before, in frames, is one too many. */
const soonestFrames = 0.4;

/**
 * Decides which picture is encoded next. Pictures of the source on the air go on the moment they come. Where they stop
 * the last one is repeated for a moment, then the next source of the order takes over, else the slate: the line never
 * stops, and its time never goes back.
 */
export class PictureLine {
  readonly #options: PictureLineOptions;
  readonly #frameMs: number;
  readonly #holdMs: number;
  readonly #lines = new Map<string, Line>();
  readonly #beganMs: number;
  readonly #stopLooking: () => void;
  #plan: AirPlan = nothingOnAir;
  #showing: string | null = null;
  #last: Buffer;
  #reading: Buffer;
  #pushedAtMs = 0;
  #pushedTimeMs = Number.NEGATIVE_INFINITY;
  /** When the source on the air was last known to deliver, itself or what was on the air before it. */
  #freshAtMs = 0;
  #repeating = false;
  #cancelTimer: () => void = () => {};

  constructor(options: PictureLineOptions) {
    this.#options = options;
    this.#frameMs = 1_000 / options.framesPerSecond;
    this.#holdMs = Math.max(holdAfterMs, 3 * this.#frameMs);
    this.#last = Buffer.alloc(options.pictureBytes);
    this.#reading = Buffer.alloc(options.pictureBytes);
    this.#beganMs = options.clock.monotonicMs();
    this.#stopLooking = options.clock.every(lookEveryMs, () => this.#look());
  }

  /** What is on the air; null before the first picture. */
  get showing(): string | null {
    return this.#showing;
  }

  /** @param inputs of all sources of the plan */
  setPlan(plan: AirPlan, inputs: ReadonlyMap<string, PictureInput>): void {
    this.#plan = plan;
    for (const id of this.#lines.keys()) if (!inputs.has(id)) this.#lines.delete(id);
    for (const { id, intervalMs } of plan.sources) {
      const input = inputs.get(id);
      if (!input) continue;
      const staleAfterMs = nextPictureWithinMs(Math.max(intervalMs, this.#frameMs)) - slateMarginMs;
      const line = this.#lines.get(id);
      // A process that was started again goes on in the line of the one before: how long it was silent still counts.
      if (line) Object.assign(line, { input, staleAfterMs });
      else
        this.#lines.set(id, { input, seenMs: null, fresh: false, staleAfterMs, capturedMs: 0, shiftMs: 0 });
    }
    this.#look();
  }

  /** The source has a new picture. */
  arrived(id: string, capturedMs: number): void {
    const line = this.#lines.get(id);
    if (!line) return;
    line.seenMs = this.#nowMs;
    line.capturedMs = capturedMs;
    if (!line.fresh) {
      line.fresh = true;
      this.#options.onFresh(id, true);
    }
    const rank = this.#rank(id);
    if (rank >= 0 && (id === this.#showing || this.#outranks(rank))) this.#show(id, line);
  }

  close(): void {
    this.#stopLooking();
    this.#cancelTimer();
    this.#cancelTimer = () => {};
  }

  get #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  #rank(id: string): number {
    return this.#plan.order.findIndex((each) => each.id === id);
  }

  /** Whether a source of this rank may take over from what is shown. */
  #outranks(rank: number): boolean {
    if (this.#showing === null || this.#showing === slateId) return true;
    const shown = this.#rank(this.#showing);
    return shown < 0 || rank < shown || !this.#lines.get(this.#showing)?.fresh;
  }

  #show(id: string, line: Line): void {
    const begins = id !== this.#showing;
    const soonestMs = this.#pushedTimeMs + this.#frameMs * soonestFrames;
    let timeMs = line.capturedMs + line.shiftMs - this.#options.baseMs;
    if (begins) {
      if (soonestMs - timeMs > patienceMs) {
        line.shiftMs += this.#pushedTimeMs + this.#frameMs - timeMs;
        timeMs = this.#pushedTimeMs + this.#frameMs;
      }
      this.#say(id);
    }
    this.#freshAtMs = this.#nowMs;
    if (timeMs < soonestMs || !line.input.read(this.#reading)) return;
    [this.#last, this.#reading] = [this.#reading, this.#last];
    this.#repeating = false;
    this.#push(this.#last, timeMs);
  }

  #say(id: string): void {
    this.#showing = id;
    this.#options.onShowing(id);
  }

  #push(bytes: Buffer, timeMs: number): void {
    this.#pushedAtMs = this.#nowMs;
    this.#pushedTimeMs = timeMs;
    this.#options.push(bytes, timeMs * 1e6);
    this.#arm();
  }

  /** Finds out who is silent, and who may be shown instead. */
  #look(): void {
    const nowMs = this.#nowMs;
    for (const [id, line] of this.#lines) {
      if (!line.fresh || line.seenMs === null || nowMs - line.seenMs < line.staleAfterMs) continue;
      line.fresh = false;
      this.#options.onFresh(id, false);
    }
    const next = this.#plan.order.find(({ id }) => this.#lines.get(id)?.fresh);
    const line = next && this.#lines.get(next.id);
    if (next && line) {
      if (next.id !== this.#showing) this.#show(next.id, line);
    } else if (this.#slateIsDue(nowMs)) {
      this.#say(slateId);
      this.#tick();
    }
  }

  #slateIsDue(nowMs: number): boolean {
    if (this.#showing === slateId) return false;
    if (this.#plan.hold) return true;
    if (this.#showing === null) {
      const { slateAfterMs } = this.#plan;
      return slateAfterMs !== null && nowMs - this.#beganMs >= slateAfterMs;
    }
    const staleAfterMs = this.#lines.get(this.#showing)?.staleAfterMs ?? 1_000 - slateMarginMs;
    return nowMs - this.#freshAtMs >= staleAfterMs;
  }

  #arm(): void {
    this.#cancelTimer();
    const everyMs = this.#showing === slateId || this.#repeating ? this.#frameMs : this.#holdMs;
    const waitMs = Math.max(1, this.#pushedAtMs + everyMs - this.#nowMs);
    this.#cancelTimer = this.#options.clock.after(waitMs, () => this.#tick());
  }

  /** Nothing came in time: the slate's next picture, or the last one again. */
  #tick(): void {
    const nowMs = this.#nowMs;
    // Time goes on from the last picture, so that a source that is always a little behind stays so.
    const first = this.#pushedTimeMs === Number.NEGATIVE_INFINITY;
    const timeMs = first ? nowMs - this.#options.baseMs : this.#pushedTimeMs + (nowMs - this.#pushedAtMs);
    if (this.#showing === slateId) {
      const own = this.#plan.slateSource === null ? undefined : this.#lines.get(this.#plan.slateSource);
      const background = own?.input.read(this.#reading) ? this.#reading : null;
      this.#push(this.#options.paintSlate(nowMs, background), Math.max(timeMs, this.#pushedTimeMs + 1));
    } else {
      this.#repeating = true;
      this.#push(this.#last, timeMs);
    }
  }
}
