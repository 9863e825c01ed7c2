import { monotonicMs } from '#core/runtime/monotonic.ts';
import { soundSampleRate } from '../pipeline-text.ts';
import type { EncodePipeline } from './encode-pipeline.ts';
import type { Feed } from './feed.ts';
import { Pacer } from './pacer.ts';

const chunksPerSecond = 50;
const chunkSamples = soundSampleRate / chunksPerSecond;
const beepSamples = soundSampleRate / 10;

/** One beep: 1 kHz (every tenth second an octave higher), 0.1 s, with soft edges, at a quarter of full scale. */
function beep(frequency: number): Float64Array {
  return Float64Array.from({ length: beepSamples }, (_, at) => {
    const edge = Math.min(1, at / 480, (beepSamples - at) / 960);
    return 8192 * edge * Math.sin((2 * Math.PI * frequency * at) / soundSampleRate);
  });
}

/** A soft beep at each full second of the wall clock, silence between: what one hears is what one sees. */
export class BeepFeed implements Feed {
  readonly #chunk = Buffer.alloc(chunkSamples * 4);
  readonly #low = beep(1000);
  readonly #high = beep(2000);
  /** Wall clock minus monotonic clock; followed in silence only, so that no beep is torn. */
  #wallOffsetMs: number | null = null;

  async prepare(): Promise<void> {}

  start(pipeline: EncodePipeline, baseMs: number): void {
    const onSlot = (slot: number, dueMs: number) => {
      this.#fill(dueMs);
      pipeline.pushSound(this.#chunk, (slot * 1e9) / chunksPerSecond);
    };
    new Pacer({ perSecond: chunksPerSecond, catchUp: chunksPerSecond, onSlot }).start(baseMs);
  }

  #fill(dueMs: number): void {
    const offsetMs = this.#wallOffsetMs ?? Date.now() - monotonicMs();
    const clockMs = dueMs + offsetMs;
    const second = Math.floor(clockMs / 1000);
    const tone = second % 10 === 0 ? this.#high : this.#low;
    const first = Math.round(((clockMs - second * 1000) * soundSampleRate) / 1000);
    this.#wallOffsetMs = first < beepSamples ? offsetMs : null;
    for (let at = 0; at < chunkSamples; at += 1) {
      const value = tone[(first + at) % soundSampleRate] ?? 0;
      this.#chunk.writeInt16LE(value, at * 4);
      this.#chunk.writeInt16LE(value, at * 4 + 2);
    }
  }
}
