import { monotonicMs } from '#core/runtime/monotonic.ts';
import { GdpReader } from '../fragments/gdp-reader.ts';
import type { GStreamer, GstAppSink, GstPipeline } from '../gstreamer.ts';

/** Of the fastest frame's way through the pipeline, so much is forgotten in a second: clocks differ a little. */
const forgetMsPerSecond = 0.5;

/**
 * Takes what a live pipeline delivers, with its times. The binding hands over bytes without their time, so the pipeline
 * ends in `gdppay ! appsink`: each buffer then brings its header along. Running time is related to CLOCK_MONOTONIC by
 * the frame that came through fastest: what is told is late by that frame's way (some milliseconds), never early.
 */
export class PulledFrames {
  readonly #sink: GstAppSink;
  readonly #onFrame: (bytes: Buffer, capturedMs: number) => void;
  readonly #onEnd: () => void;
  readonly #reader: GdpReader;
  #offsetMs = Number.POSITIVE_INFINITY;
  #atMs = 0;

  constructor(
    pipeline: InstanceType<GStreamer['Pipeline']> & GstPipeline,
    name: string,
    options: {
      onFrame: (bytes: Buffer, capturedMs: number) => void;
      onEnd: () => void;
      maxFrameBytes: number;
    },
  ) {
    this.#sink = pipeline.findChild(name) as GstAppSink;
    this.#onFrame = options.onFrame;
    this.#onEnd = options.onEnd;
    this.#reader = new GdpReader(
      { caps: () => {}, sample: ({ timeNs, bytes }) => this.#take(timeNs / 1e6, bytes) },
      { maxSampleBytes: options.maxFrameBytes },
    );
  }

  start(): void {
    this.#sink.pull((bytes) => {
      if (bytes === null) {
        this.#onEnd();
        return;
      }
      this.#reader.push(bytes);
      this.start();
    });
  }

  #take(timeMs: number, bytes: Buffer): void {
    const nowMs = monotonicMs();
    this.#offsetMs += ((nowMs - this.#atMs) / 1_000) * forgetMsPerSecond;
    this.#offsetMs = Math.min(this.#offsetMs, nowMs - timeMs);
    this.#atMs = nowMs;
    this.#onFrame(bytes, this.#offsetMs + timeMs);
  }
}
