import type { Clock } from '#core/domain/clock.ts';

/** Pictures and packets must both have advanced within this time, or the light goes out. */
const advancingWithinMs = 1_000;
/** A slow source (a time lapse, a document camera) has this many of its frames' time instead, where that is longer. */
const advancingWithinFrames = 5;
/** Parts come in bursts of their own length: they may be this much older. */
const partSlackMs = 300;
/** Without RTP for this long, viewers have LL-HLS: that is live too. */
const liveWithoutPacketsAfterMs = 1_500;

/** Whether pictures come: as parts that players fetch, and as packets on their way through egress. */
export class PictureFlow {
  readonly #clock: Clock;
  readonly #framesPerSecond: () => number;
  #partAtMs = Number.NEGATIVE_INFINITY;
  #firstPartAtMs: number | null = null;
  #flowing = false;
  #flowLostAtMs = Number.NEGATIVE_INFINITY;

  /** @param options.framesPerSecond of the source; 0 where it is not known */
  constructor({ clock, framesPerSecond }: { clock: Clock; framesPerSecond: () => number }) {
    this.#clock = clock;
    this.#framesPerSecond = framesPerSecond;
  }

  /** Within what time pictures and packets must advance: a second, or five frames of a slow source. */
  get withinMs(): number {
    const framesPerSecond = this.#framesPerSecond();
    if (!(framesPerSecond > 0)) return advancingWithinMs;
    return Math.max(advancingWithinMs, (advancingWithinFrames * 1_000) / framesPerSecond);
  }

  /** Parts and packets both advance. */
  get advancing(): boolean {
    const nowMs = this.#clock.monotonicMs();
    return this.#partsAdvance(nowMs) && this.#packetsAdvance(nowMs);
  }

  /** A part is there that a player can fetch. */
  get hasParts(): boolean {
    return this.#firstPartAtMs !== null && this.#partsAdvance(this.#clock.monotonicMs());
  }

  /** Packets are on their way, or have been waited for long enough since the first part. */
  get hasPackets(): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (this.#packetsAdvance(nowMs)) return true;
    return this.#firstPartAtMs !== null && nowMs - this.#firstPartAtMs > liveWithoutPacketsAfterMs;
  }

  /** A broadcast is to begin: the parts of the one before are none of its. */
  begin(): void {
    this.#firstPartAtMs = null;
  }

  seePart(): void {
    this.#partAtMs = this.#clock.monotonicMs();
    this.#firstPartAtMs ??= this.#partAtMs;
  }

  /** Egress says whether packets come. */
  seePackets(flowing: boolean): void {
    if (this.#flowing && !flowing) this.#flowLostAtMs = this.#clock.monotonicMs();
    this.#flowing = flowing;
  }

  /** Egress left: nobody sends packets from this moment on. */
  loseEgress(): void {
    this.#flowing = false;
    this.#flowLostAtMs = Number.NEGATIVE_INFINITY;
  }

  #partsAdvance(nowMs: number): boolean {
    return nowMs - this.#partAtMs <= this.withinMs + partSlackMs;
  }

  /** Egress says after 1 s that none came, which is no bad sign yet where frames are further apart. */
  #packetsAdvance(nowMs: number): boolean {
    return this.#flowing || nowMs - this.#flowLostAtMs < this.withinMs - advancingWithinMs;
  }
}
