import { monotonicMs } from '#core/runtime/monotonic.ts';
import { GdpReader } from '../fragments/gdp-reader.ts';
import type { GStreamer, GstAppSink, GstPipeline } from '../gstreamer.ts';

/** What comes so much later than its time says is not late: its sender paused, or counts from another place now. */
const pausedMs = 1_000;
/** Of the fastest frame's way through the pipeline, so much is forgotten in a second: clocks differ a little. */
const forgetMsPerSecond = 0.5;

/**
 * Relates a pipeline's running time to CLOCK_MONOTONIC by the buffer that came through fastest. Pictures and sound of
 * one pipeline share one: their times then keep to each other, however long the decoder of either takes.
 */
export class ArrivalClock {
  #offsetMs = Number.POSITIVE_INFINITY;
  #atMs = 0;

  /** @returns CLOCK_MONOTONIC (ms) of a buffer with this running time that has just arrived */
  at(timeMs: number, nowMs = monotonicMs()): number {
    this.#offsetMs += ((nowMs - this.#atMs) / 1_000) * forgetMsPerSecond;
    const offsetMs = nowMs - timeMs;
    if (offsetMs < this.#offsetMs || offsetMs > this.#offsetMs + pausedMs) this.#offsetMs = offsetMs;
    this.#atMs = nowMs;
    return this.#offsetMs + timeMs;
  }

  /** CLOCK_MONOTONIC (ms) of this running time, by what has arrived; null before anything has. */
  of(timeMs: number): number | null {
    return this.#offsetMs === Number.POSITIVE_INFINITY ? null : this.#offsetMs + timeMs;
  }
}

/** Says when a frame was taken that has just arrived: CLOCK_MONOTONIC (ms) of its running time. */
export type FrameClock = Pick<ArrivalClock, 'at'>;

/**
 * Takes what a live pipeline delivers, with its times. The binding hands over bytes without their time, so the pipeline
 * ends in `gdppay ! appsink`: each buffer then brings its header along. Running time is related to CLOCK_MONOTONIC by
 * the frame that came through fastest: what is told is late by that frame's way (some milliseconds), never early.
 */
export class PulledFrames {
  readonly #sink: GstAppSink;
  readonly #onFrame: (bytes: Buffer, capturedMs: number, timeMs: number) => void;
  readonly #onEnd: () => void;
  readonly #reader: GdpReader;
  readonly #clock: FrameClock;

  constructor(
    pipeline: InstanceType<GStreamer['Pipeline']> & GstPipeline,
    name: string,
    options: {
      /** @param timeMs running time of the pipeline */
      onFrame: (bytes: Buffer, capturedMs: number, timeMs: number) => void;
      onEnd: () => void;
      maxFrameBytes: number;
      /** Shared with the other frames of the same pipeline. */
      clock?: FrameClock;
    },
  ) {
    this.#sink = pipeline.findChild(name) as GstAppSink;
    this.#onFrame = options.onFrame;
    this.#clock = options.clock ?? new ArrivalClock();
    this.#onEnd = options.onEnd;
    this.#reader = new GdpReader(
      {
        caps: () => {},
        sample: ({ timeNs, bytes }) => this.#onFrame(bytes, this.#clock.at(timeNs / 1e6), timeNs / 1e6),
      },
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
}
