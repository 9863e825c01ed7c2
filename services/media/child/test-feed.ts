import { monotonicMs } from '#core/runtime/monotonic.ts';
import type { PipelinePlan } from '../pipeline-plan.ts';
import { TestPicture } from '../test-picture/painter.ts';
import type { EncodePipeline } from './encode-pipeline.ts';
import type { Feed } from './feed.ts';
import { Pacer } from './pacer.ts';

/**
 * The test picture, one for each frame slot; a slot that was missed is skipped, as its counter shows.
 * It is upright whatever `video.rotate` says: that mends how a camera is mounted, and how a clip was filmed.
 */
export class TestFeed implements Feed {
  readonly #video: PipelinePlan['video'];
  #picture: TestPicture | null = null;

  constructor(video: PipelinePlan['video']) {
    this.#video = video;
  }

  async prepare(): Promise<void> {
    this.#picture = new TestPicture(this.#video.width, this.#video.height);
  }

  start(pipeline: EncodePipeline, baseMs: number): void {
    const perSecond = this.#video.framesPerSecond;
    const onSlot = (frame: number, dueMs: number) => {
      const clockMs = Math.round(Date.now() - (monotonicMs() - dueMs));
      const bytes = this.#picture?.paint({ clockMs, frame });
      if (bytes) pipeline.pushPicture(bytes, (frame * 1e9) / perSecond);
    };
    new Pacer({ perSecond, catchUp: 0, onSlot }).start(baseMs);
  }
}
