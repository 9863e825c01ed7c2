import type { GStreamer, GstAppSource, GstPipeline } from '../gstreamer.ts';
import type { StreamTime } from '../ingest/stream-time.ts';
import { soundSampleRate, sourceElements } from './picture-text.ts';
import { inputElement } from './published-text.ts';
import { type FrameClock, PulledFrames } from './pulled-frames.ts';
import type { TrackClock } from './track-clock.ts';

const headerBytes = 4_096;
/** A second of raw sound: no decoder delivers more at once. */
const maxSoundBufferBytes = soundSampleRate * 4 + headerBytes;
/** What the decoder has not taken: where it is slower than the sender, what comes is dropped up to the next key frame. */
const maxWaitingBytes = 8 * 1024 * 1024;

/** What comes out of a decoder. */
export interface TakenFrames {
  pictures: boolean;
  sound: boolean;
  /** Shared by tracks whose times belong together. */
  clock: FrameClock;
  /** Of those that come as packets: their line of time, and when it was. */
  packets?: { time: StreamTime; clock: TrackClock };
}

type OnFrame = (bytes: Buffer, capturedMs: number) => void;

/** One pipeline that decodes what is pushed into it. */
export class PublishedDecoder {
  readonly #pipeline: GstPipeline;
  readonly #input: GstAppSource;
  readonly #frames: PulledFrames[] = [];
  readonly taken: TakenFrames;
  #showFromMs = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(
    gstreamer: GStreamer,
    text: string,
    options: TakenFrames & { pictureBytes: number; onPicture: OnFrame; onSound: OnFrame },
  ) {
    const { clock, pictureBytes, onPicture, onSound } = options;
    this.taken = options;
    this.#pipeline = new gstreamer.Pipeline(text);
    this.#input = this.#pipeline.findChild(inputElement) as GstAppSource;
    const take = (name: string, maxFrameBytes: number, onFrame: OnFrame) =>
      this.#frames.push(
        new PulledFrames(this.#pipeline, name, {
          clock,
          maxFrameBytes,
          onFrame: (bytes, capturedMs, timeMs) => {
            if (!this.#closed && timeMs >= this.#showFromMs - 1) onFrame(bytes, capturedMs);
          },
          onEnd: () => {},
        }),
      );
    if (options.pictures) take(sourceElements.pictures, pictureBytes + headerBytes, onPicture);
    if (options.sound) take(sourceElements.sound, maxSoundBufferBytes, onSound);
  }

  start(): void {
    this.#pipeline.play();
    for (const frames of this.#frames) frames.start();
  }

  /** What lies before is decoded, and not shown. */
  showFrom(timeMs: number): void {
    this.#showFromMs = Math.max(this.#showFromMs, timeMs);
  }

  /** The sender's own clock at this time stamp. */
  report(timestamp: number, senderMs: number): void {
    const { time, clock } = this.taken.packets ?? {};
    const timeMs = time?.of(timestamp) ?? null;
    if (timeMs !== null) clock?.report(timeMs, senderMs);
  }

  /** @param timeMs null where the pipeline takes the time of arrival. @returns false where it was dropped */
  push(bytes: Buffer, timeMs: number | null): boolean {
    if (this.#closed) return false;
    if (Number(this.#input['current-level-bytes']) > maxWaitingBytes) return false;
    this.#input.push(bytes, timeMs === null ? noTime : timeBytes(timeMs));
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pipeline.stop();
  }
}

/** GST_CLOCK_TIME_NONE */
const noTime = Buffer.alloc(8, 0xff);

function timeBytes(timeMs: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(Math.round(Math.max(0, timeMs) * 1e6)));
  return bytes;
}
