import type { TimedSample } from './media-segment.ts';

/** One encoded picture or sound frame. */
export interface EncodedSample {
  /** Nanoseconds: the same time base for every track. */
  timeNs: number;
  /** False where the sample depends on others. */
  sync: boolean;
  bytes: Uint8Array;
}

interface PlacedSample extends TimedSample {
  start: number;
}

interface SampleLineOptions {
  /** Ticks in a second. */
  timescale: number;
  /** A jump ahead that is no larger is closed, not kept as a hole. */
  slackTicks: number;
  /** Every sample lasts the same (sound): times that jitter are laid end to end. */
  even: boolean;
}

/**
 * The time line of one track: samples without overlaps, and without holes except where time really jumped
 * ahead. It never goes back.
 */
export class SampleLine {
  readonly samples: PlacedSample[] = [];
  readonly #options: SampleLineOptions;
  /** Where the last sample taken away ended. */
  #takenUntil: number | null = null;

  constructor(options: SampleLineOptions) {
    this.#options = options;
  }

  /** Start of the first sample that waits, in ticks. */
  get start(): number {
    return this.samples[0]?.start ?? this.#takenUntil ?? 0;
  }

  /** End of the last one. */
  get end(): number {
    const last = this.samples.at(-1);
    return last ? last.start + last.duration : (this.#takenUntil ?? 0);
  }

  ticksOf(timeNs: number): number {
    return Math.max(0, Math.round((timeNs * this.#options.timescale) / 1e9));
  }

  /** Adds a sample of about `duration` ticks; the one before it is stretched or shortened to meet it. */
  add({ timeNs, sync, bytes }: EncodedSample, duration: number): void {
    const ticks = this.ticksOf(timeNs);
    const start = this.#place(ticks);
    const last = this.samples.at(-1);
    if (last) last.duration = start - last.start;
    const own = this.#options.even ? duration : Math.max(1, ticks + duration - start);
    this.samples.push({ start, duration: own, sync, bytes });
  }

  /** The last sample lasts until then. */
  stretchTo(end: number): void {
    const last = this.samples.at(-1);
    if (last) last.duration = Math.max(1, end - last.start);
  }

  /** Takes away the samples that start before `end`. */
  takeUntil(end: number): TimedSample[] {
    let count = 0;
    while (count < this.samples.length && (this.samples[count]?.start ?? 0) < end) count += 1;
    const taken = this.samples.splice(0, count);
    const last = taken.at(-1);
    if (last) this.#takenUntil = last.start + last.duration;
    return taken;
  }

  #place(ticks: number): number {
    const last = this.samples.at(-1);
    if (last && !this.#options.even) return Math.max(ticks, last.start + 1);
    const due = last ? last.start + last.duration : this.#takenUntil;
    if (due === null) return ticks;
    return ticks - due <= this.#options.slackTicks ? due : ticks;
  }
}
