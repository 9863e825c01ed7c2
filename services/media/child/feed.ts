import type { EncodePipeline } from './encode-pipeline.ts';

/** Pictures or sound that the child makes itself and pushes into the pipeline at the pace of the clock. */
export interface Feed {
  /**
   * Gets ready to play: for a clip, its first frame is decoded.
   * @throws FeedError where that cannot be
   */
  prepare(): Promise<void>;
  /** @param baseMs the pipeline's running time 0 on the monotonic clock */
  start(pipeline: EncodePipeline, baseMs: number): void;
}

/** Its message is the code of the reason why a feed cannot play (`reasons.ts`). */
export class FeedError extends Error {}
