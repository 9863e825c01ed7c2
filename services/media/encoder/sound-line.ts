import type { Clock } from '#core/domain/clock.ts';
import { soundSampleRate } from './pipeline-text.ts';
import type { SoundControls } from './plan.ts';

interface SoundLineOptions {
  clock: Clock;
  /** Time 0 of the line, CLOCK_MONOTONIC ms. */
  baseMs: number;
  push: (bytes: Buffer, timeNs: number) => void;
  /** Twice a second: the loudest sample since then, null in silence. */
  onLevel: (peakDb: number | null) => void;
}

const frameBytes = 4;
const samplesPerMs = soundSampleRate / 1_000;
const silence = Buffer.alloc(20 * samplesPerMs * frameBytes);
const lookEveryMs = 20;
const levelEveryMs = 500;
/** Silence is put in where sound is later than this, or than it was lately. */
const patienceMs = 150;
const slackMs = 80;
/** Sound that is off by more is put where it belongs; by less, it is stretched there unheard. */
const jumpMs = 80;
/** What sound and clock may differ by before anything is done. */
const toleranceMs = 4;
/** So much of it is unheard. */
const mostStretch = 0.001;
/** How fast the estimate of that difference follows: about a second and a half of chunks. */
const smoothing = 1 / 64;

/**
 * The sound track of a broadcast: one unbroken line of samples, whatever comes. Sound of the source on the air goes on
 * the moment it comes; where none comes, silence does. A source's clock that runs a little fast or slow is corrected by
 * stretching or shortening it by 0.1 % at most, which nobody hears, so that sound and
 * picture stay together for as long as the broadcast lasts.
 */
export class SoundLine {
  readonly #options: SoundLineOptions;
  readonly #ends: (() => void)[];
  #controls: SoundControls = { muted: false, gainDb: 0, delayMs: 0 };
  #source: string | null = null;
  /** Samples since time 0; null until the line begins. */
  #next: number | null = null;
  /** Where sound is meant to be minus where it is, in samples; null where it has to be placed first. */
  #offset: number | null = null;
  /** How late sound comes, in ms. */
  #lateMs = 0;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  #waiting: { dueMs: number; source: string; bytes: Buffer; capturedMs: number }[] = [];
  #peak = 0;

  constructor(options: SoundLineOptions) {
    this.#options = options;
    this.#ends = [
      options.clock.every(lookEveryMs, () => this.#look()),
      options.clock.every(levelEveryMs, () => this.#tellLevel()),
    ];
  }

  /** Begins with silence, together with the pictures. */
  start(): void {
    this.#next ??= Math.max(0, Math.round((this.#nowMs - this.#options.baseMs) * samplesPerMs));
  }

  /** Which source is heard from now on; null is silence. */
  take(source: string | null): void {
    if (source === this.#source) return;
    this.#source = source;
    this.#offset = null;
    this.#lateMs = 0;
  }

  setControls(controls: SoundControls): void {
    if (controls.delayMs !== this.#controls.delayMs) this.#offset = null;
    this.#controls = controls;
  }

  /** Difference between where the sound is and where its times say it belongs, in ms: what correction works on. */
  get offsetMs(): number {
    return (this.#offset ?? 0) / samplesPerMs;
  }

  /** @param samples are copied where they are kept */
  arrived(source: string, samples: Buffer, capturedMs: number): void {
    if (source !== this.#source || this.#next === null || samples.length < frameBytes) return;
    const { delayMs } = this.#controls;
    if (delayMs > 0) {
      const dueMs = this.#nowMs + delayMs;
      this.#waiting.push({ dueMs, source, bytes: Buffer.from(samples), capturedMs: capturedMs + delayMs });
    } else this.#place(samples, capturedMs);
  }

  close(): void {
    for (const end of this.#ends) end();
    this.#waiting = [];
  }

  get #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  #place(samples: Buffer, capturedMs: number): void {
    if (this.#next === null) return;
    const nowMs = this.#nowMs;
    const count = Math.floor(samples.length / frameBytes);
    this.#heardAtMs = nowMs;
    const lateMs = nowMs - (capturedMs + count / samplesPerMs);
    this.#lateMs = Math.max(lateMs, this.#lateMs - 0.1);
    const wanted = (capturedMs - this.#options.baseMs) * samplesPerMs;
    const off = wanted - this.#next;
    if (this.#offset === null || Math.abs(off) > jumpMs * samplesPerMs) {
      this.#offset = 0;
      if (off > 0) this.#pushSilence(Math.min(Math.round(off), 2 * soundSampleRate));
      else if (off < 0) {
        const skip = Math.min(count, Math.round(-off));
        if (skip === count) this.#offset = null; // all of it lies in the past
        this.#pushSamples(samples, skip, count, count - skip);
        return;
      }
      this.#pushSamples(samples, 0, count, count);
      return;
    }
    this.#offset += (off - this.#offset) * smoothing;
    let wantedCount = count;
    if (Math.abs(this.#offset) > toleranceMs * samplesPerMs && count > 64) {
      const most = Math.max(1, Math.floor(count * mostStretch));
      const step = Math.max(-most, Math.min(most, Math.trunc(this.#offset)));
      wantedCount += step;
      this.#offset -= step;
    }
    this.#pushSamples(samples, 0, count, wantedCount);
  }

  /** Samples from `from` to `to`, as `wanted` of them: the same number, or one more or less. */
  #pushSamples(samples: Buffer, from: number, to: number, wanted: number): void {
    if (wanted <= 0) return;
    const bytes = Buffer.from(samples.subarray(from * frameBytes, to * frameBytes));
    const count = to - from;
    this.#adjust(bytes);
    this.#push(wanted === count ? bytes : stretch(bytes, count, wanted), wanted);
  }

  #push(bytes: Buffer, count: number): void {
    if (this.#next === null) return;
    this.#options.push(bytes, (this.#next * 1e9) / soundSampleRate);
    this.#next += count;
  }

  #pushSilence(count: number): void {
    for (let left = count; left > 0; left -= silence.length / frameBytes) {
      const some = Math.min(left, silence.length / frameBytes);
      this.#push(silence.subarray(0, some * frameBytes), some);
    }
  }

  /** Mute, gain and level, in place. */
  #adjust(bytes: Buffer): void {
    const { muted, gainDb } = this.#controls;
    const gain = muted ? 0 : 10 ** (gainDb / 20);
    const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    let peak = this.#peak;
    for (let at = 0; at < samples.length; at += 1) {
      let value = samples[at] ?? 0;
      if (gain !== 1) {
        value = Math.max(-32_768, Math.min(32_767, Math.round(value * gain)));
        samples[at] = value;
      }
      const size = value < 0 ? -value : value;
      if (size > peak) peak = size;
    }
    this.#peak = peak;
  }

  #look(): void {
    const nowMs = this.#nowMs;
    for (let head = this.#waiting[0]; head && head.dueMs <= nowMs; head = this.#waiting[0]) {
      this.#waiting.shift();
      if (head.source === this.#source) this.#place(head.bytes, head.capturedMs);
    }
    if (this.#next === null) return;
    const comes = nowMs - this.#heardAtMs < 1_000;
    const waitMs = comes ? Math.max(patienceMs, this.#lateMs + slackMs) : patienceMs;
    const due = (nowMs - waitMs - this.#options.baseMs) * samplesPerMs;
    const missing = Math.floor(due - this.#next);
    if (missing < silence.length / frameBytes) return;
    this.#offset = null;
    this.#pushSilence(missing);
  }

  #tellLevel(): void {
    this.#options.onLevel(this.#peak === 0 ? null : 20 * Math.log10(this.#peak / 32_768));
    this.#peak = 0;
  }
}

/** The same sound in one sample more or less, by linear interpolation. */
function stretch(bytes: Buffer, count: number, wanted: number): Buffer {
  const from = new Int16Array(bytes.buffer, bytes.byteOffset, count * 2);
  const out = new Int16Array(wanted * 2);
  const step = (count - 1) / (wanted - 1);
  for (let at = 0; at < wanted; at += 1) {
    const place = at * step;
    const left = Math.min(count - 2, Math.floor(place));
    const part = place - left;
    for (let channel = 0; channel < 2; channel += 1) {
      const a = from[left * 2 + channel] ?? 0;
      const b = from[left * 2 + 2 + channel] ?? 0;
      out[at * 2 + channel] = Math.round(a + (b - a) * part);
    }
  }
  return Buffer.from(out.buffer);
}
