import type { PipelinePlan } from '../pipeline-plan.ts';
import { clipText, soundSampleRate } from '../pipeline-text.ts';
import { ClipReader } from './clip-reader.ts';
import type { EncodePipeline } from './encode-pipeline.ts';
import type { Feed } from './feed.ts';
import type { GStreamer } from './gstreamer.ts';
import { Pacer } from './pacer.ts';

const chunksPerSecond = 50;

/**
 * A clip, looped: decoded pictures and sound go on with the pipeline's own running time, so that neither
 * RTP nor HLS sees where a loop ends.
 */
export class ClipFeed implements Feed {
  readonly #reader: ClipReader;
  readonly #framesPerSecond: number;
  readonly #chunk = Buffer.alloc((soundSampleRate / chunksPerSecond) * 4);

  constructor(gstreamer: GStreamer, plan: PipelinePlan, path: string) {
    this.#framesPerSecond = plan.video.framesPerSecond;
    this.#reader = new ClipReader({
      gstreamer,
      text: clipText(plan),
      path,
      framesPerSecond: plan.video.framesPerSecond,
      sampleRate: soundSampleRate,
      sound: plan.sound.kind === 'clip',
    });
  }

  get hasSound(): boolean {
    return this.#reader.hasSound;
  }

  prepare(): Promise<void> {
    return this.#reader.open();
  }

  start(pipeline: EncodePipeline, baseMs: number): void {
    const onPicture = (frame: number) => {
      const bytes = this.#reader.takePicture(frame);
      if (bytes) pipeline.pushPicture(bytes, (frame * 1e9) / this.#framesPerSecond);
    };
    new Pacer({ perSecond: this.#framesPerSecond, catchUp: 0, onSlot: onPicture }).start(baseMs);
    if (!this.hasSound) return;
    const onSound = (slot: number) => {
      this.#reader.takeSound((slot * soundSampleRate) / chunksPerSecond, this.#chunk);
      pipeline.pushSound(this.#chunk, (slot * 1e9) / chunksPerSecond);
    };
    new Pacer({ perSecond: chunksPerSecond, catchUp: chunksPerSecond, onSlot: onSound }).start(baseMs);
  }
}
