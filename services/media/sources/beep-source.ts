import { monotonicMs } from '#core/runtime/monotonic.ts';
import type { Source, SourceContext } from './contract.ts';
import { Pacer } from './pacer.ts';

const soundSampleRate = 48_000;
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

/** Beeps and no pictures: the sound source `test` beside a camera. */
export function openBeep(context: SourceContext): Source {
  return {
    async start() {
      new Beep(context).start(monotonicMs());
      context.state({ state: 'playing', video: null, sound: true, reason: null });
    },
  };
}

/** A soft beep at each full second of the wall clock, silence between: what one hears is what one sees. */
export class Beep {
  readonly #context: Pick<SourceContext, 'sound'>;
  readonly #chunk = Buffer.alloc(chunkSamples * 4);
  readonly #low = beep(1000);
  readonly #high = beep(2000);
  /** Wall clock minus monotonic clock; followed in silence only, so that no beep is torn. */
  #wallOffsetMs: number | null = null;

  constructor(context: Pick<SourceContext, 'sound'>) {
    this.#context = context;
  }

  start(baseMs: number): void {
    const onSlot = (_slot: number, dueMs: number) => {
      this.#fill(dueMs);
      this.#context.sound(this.#chunk, dueMs);
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
