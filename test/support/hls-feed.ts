import type { HlsSettings } from '#control/hls/hls-settings.ts';
import type { SequenceStore, StoredSequence } from '#control/hls/media-sequence.ts';
import { HlsOrigin } from '#control/hls/origin.ts';
import type { Fragment } from '#core/protocol/fragment.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { DrivenClock } from './driven-clock.ts';

export const settings: HlsSettings = {
  partMs: 200,
  segmentMs: 1_000,
  windowSeconds: 6,
  keyFrameIntervalSeconds: 1,
  framesPerSecond: 30,
};

/** The persisted sequence, in memory. */
export class SequenceMemory implements SequenceStore {
  value: unknown;
  saves = 0;

  constructor(value: StoredSequence | null = { media: 100, discontinuity: 6 }) {
    this.value = value;
  }

  load(): unknown {
    return this.value;
  }

  save(sequence: StoredSequence): void {
    this.value = sequence;
    this.saves += 1;
  }
}

/** What media would send, without a picture in it: the bytes say which part of which pipeline they are. */
export class Feed {
  readonly #pipelineId: string;
  readonly #clock: DrivenClock;
  #sequence = 0;
  #seconds = 0;

  constructor(clock: DrivenClock, pipelineId = 'first') {
    this.#clock = clock;
    this.#pipelineId = pipelineId;
  }

  init(text = `init of ${this.#pipelineId}`): Fragment {
    const header = {
      pipelineId: this.#pipelineId,
      codecs: 'avc1.42c01f,mp4a.40.2',
      width: 1280,
      height: 720,
    };
    return { header: { kind: 'init', ...header }, bytes: new TextEncoder().encode(text) };
  }

  /** The next part; time goes on by as much as it is long. */
  part(independent: boolean, durationSeconds = 0.2): Fragment {
    const sequence = this.#sequence;
    this.#sequence += 1;
    this.#clock.advance(durationSeconds * 1000);
    const bytes = new TextEncoder().encode(`${this.#pipelineId} ${sequence};`);
    const capturedAtMs = this.#clock.nowMs() - durationSeconds * 1000;
    this.#seconds += durationSeconds;
    const header = { pipelineId: this.#pipelineId, sequence, independent, durationSeconds, capturedAtMs };
    return { header: { kind: 'part', ...header }, bytes };
  }

  /** A part that never arrives. */
  lose(durationSeconds = 0.2): void {
    this.part(false, durationSeconds);
  }

  /** Whole groups of pictures of one second, five parts each, the first independent. */
  seconds(count: number): Fragment[] {
    return Array.from({ length: count * 5 }, (_, index) => this.part(index % 5 === 0));
  }
}

export const quiet = createLogger('test', 'silent');

export interface Setup {
  clock: DrivenClock;
  sequence: SequenceMemory;
  origin: HlsOrigin;
}

/** An origin with driven time; not on air yet. */
export function newOrigin(overrides: Partial<HlsSettings> = {}, sequence = new SequenceMemory()): Setup {
  const clock = new DrivenClock();
  const origin = new HlsOrigin({ settings: { ...settings, ...overrides }, sequence, logger: quiet, clock });
  return { clock, sequence, origin };
}

/** Hands over all of them. */
export function acceptAll(origin: HlsOrigin, fragments: Fragment[]): void {
  for (const fragment of fragments) origin.accept(fragment);
}
