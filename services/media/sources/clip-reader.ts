import type { GStreamer, GstAppSink, GstPipeline } from '../gstreamer.ts';
import { ReasonError } from '../reason-error.ts';
import { sourceElements } from './picture-text.ts';

/** Decoded bytes and where they belong, counted in frames or samples from the beginning of the first loop. */
export interface Placed {
  at: number;
  bytes: Buffer;
}

interface ClipReaderOptions {
  gstreamer: GStreamer;
  text: string;
  path: string;
  framesPerSecond: number;
  sampleRate: number;
  /** The clip's own sound is wanted. */
  sound: boolean;
  /** Changes a picture once it was decoded. */
  onPicture?: ((bytes: Buffer) => void) | undefined;
}

const seekFlush = 1;
const bytesPerSample = 4;
/** What is decoded ahead in here, beside what the appsinks hold: enough to bridge the seek at the seam. */
const aheadPictures = 4;
const aheadSounds = 12;
/** A clip with sound delivers it about as soon as its first picture. */
const soundGraceMs = 250;
/** A reading that delivers no more pictures within this time, and no end, is over: animated GIFs do so. */
const stuckMs = 600;
/** One that delivers sound for so long before any picture has none. */
const pictureGraceMs = 2_000;

/**
 * Decodes a clip again and again, ahead of its use. Each picture and each run of samples is numbered as if
 * the loops were one endless clip, so that their pacer sees no seam. A loop is as long as the longer
 * of its two tracks.
 */
export class ClipReader {
  readonly #options: ClipReaderOptions;
  #pipeline: GstPipeline | null = null;
  /** Which reading of the clip a callback belongs to. */
  #reading = 0;
  #pictures = new Track();
  #sounds = new Track();
  #loopStart = 0;
  #stuck: NodeJS.Timeout | null = null;

  constructor(options: ClipReaderOptions) {
    this.#options = options;
  }

  /** Whether sound has come; known once `open` is done. */
  get hasSound(): boolean {
    return this.#sounds.hasDelivered;
  }

  /** @throws ReasonError `clip-without-pictures`; where it is not a clip at all, GStreamer says so on stderr */
  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#pictures.onFirst = resolve;
      this.#pictures.onEmpty = () => reject(ReasonError.of('clip-without-pictures'));
      this.#sounds.onFirst = () => setTimeout(this.#pictures.onEmpty, pictureGraceMs);
      this.#read();
    });
    this.#sounds.onFirst = () => {};
    if (!this.#options.sound || this.hasSound) return;
    await new Promise<void>((resolve) => {
      this.#sounds.onFirst = resolve;
      setTimeout(resolve, soundGraceMs);
    });
  }

  /** The picture for frame `at`: the newest that is due, the one before again at the end of a shorter track. */
  takePicture(at: number): Buffer | null {
    const picture = this.#pictures.take(at);
    this.#pull();
    return picture?.bytes ?? null;
  }

  /** Fills `chunk` with the samples from `at` on; silence where the clip has none. */
  takeSound(at: number, chunk: Buffer): void {
    chunk.fill(0);
    const end = at + chunk.length / bytesPerSample;
    for (let head = this.#sounds.queue[0]; head && head.at < end; head = this.#sounds.queue[0]) {
      const headEnd = head.at + head.bytes.length / bytesPerSample;
      const from = Math.max(at, head.at);
      const to = Math.min(end, headEnd);
      if (from < to) {
        const source = head.bytes.subarray(
          (from - head.at) * bytesPerSample,
          (to - head.at) * bytesPerSample,
        );
        source.copy(chunk, (from - at) * bytesPerSample);
      }
      if (headEnd > end) break;
      this.#sounds.queue.shift();
    }
    this.#pull();
  }

  #read(): void {
    const { gstreamer, text, path } = this.#options;
    this.#pipeline?.stop();
    const pipeline = new gstreamer.Pipeline(text);
    const clip = pipeline.findChild(sourceElements.clip);
    if (clip) clip.location = path;
    this.#pipeline = pipeline;
    this.#reading += 1;
    this.#pictures.sink = (pipeline.findChild(sourceElements.clipPictures) as GstAppSink | undefined) ?? null;
    this.#sounds.sink = (pipeline.findChild(sourceElements.clipSound) as GstAppSink | undefined) ?? null;
    pipeline.play();
    this.#pull();
  }

  #pull(): void {
    this.#pullTrack(this.#pictures, aheadPictures, () => 1, this.#loopStart);
    const soundStart = Math.round(
      (this.#loopStart * this.#options.sampleRate) / this.#options.framesPerSecond,
    );
    this.#pullTrack(this.#sounds, aheadSounds, (bytes) => bytes.length / bytesPerSample, soundStart);
  }

  #pullTrack(track: Track, ahead: number, unitsOf: (bytes: Buffer) => number, loopStart: number): void {
    const { sink } = track;
    if (sink === null || track.waiting || track.ended || track.queue.length >= ahead) return;
    const reading = this.#reading;
    track.waiting = true;
    sink.pull((bytes) => {
      if (reading !== this.#reading) return;
      track.waiting = false;
      if (bytes === null) {
        track.ended = true;
        if (track.count === 0) track.onEmpty();
        else this.#rewindAtEnd();
        return;
      }
      if (track === this.#pictures) {
        this.#options.onPicture?.(bytes);
        this.#watch();
      }
      track.queue.push({ at: loopStart + track.count, bytes });
      track.count += unitsOf(bytes);
      if (!track.hasDelivered) track.onFirst();
      track.hasDelivered = true;
      this.#pull();
    });
  }

  /** Each picture begins the time in which the next one, or the end, has to come. */
  #watch(): void {
    if (this.#stuck) clearTimeout(this.#stuck);
    this.#stuck = setTimeout(() => {
      const { waiting, ended, count } = this.#pictures;
      if (!waiting || ended) return;
      this.#watch();
      if (count === 0) {
        // Not even another reading from the beginning helped: the file is opened again.
        this.#pictures.waiting = false;
        this.#sounds.waiting = false;
        this.#read();
        return;
      }
      // The pull that is under way brings the first picture of the next reading.
      this.#pictures.ended = true;
      this.#sounds.ended = true;
      this.#rewindAtEnd();
    }, stuckMs);
  }

  #rewindAtEnd(): void {
    const soundOpen = this.hasSound && !this.#sounds.ended;
    if (!this.#pictures.ended || soundOpen || !this.#pipeline) return;
    const { framesPerSecond, sampleRate } = this.#options;
    const soundFrames = Math.ceil((this.#sounds.count * framesPerSecond) / sampleRate);
    this.#loopStart += Math.max(this.#pictures.count, soundFrames);
    this.#pictures.rewind();
    this.#sounds.rewind();
    // A soundless clip leaves a sink that no seek reaches, so the answer means nothing there.
    if (this.#pipeline.seek(0, seekFlush) || !this.hasSound) this.#pull();
    else {
      this.#pictures.waiting = false;
      this.#sounds.waiting = false;
      this.#read();
    }
  }
}

/** One of the clip's two tracks while it is read. */
class Track {
  sink: GstAppSink | null = null;
  queue: Placed[] = [];
  /** Frames or samples of this loop so far. */
  count = 0;
  hasDelivered = false;
  ended = false;
  waiting = false;
  onFirst: () => void = () => {};
  onEmpty: () => void = () => {};
  #last: Placed | null = null;

  /** The newest element that is due at `at`; null where the next one is late. */
  take(at: number): Placed | null {
    let taken: Placed | null = null;
    while (this.queue[0] && this.queue[0].at <= at) taken = this.queue.shift() ?? null;
    this.#last = taken ?? this.#last;
    // Nothing is due, and nothing is late: the end of a loop whose sound is longer. The last picture stays.
    return taken ?? (this.ended || this.queue.length > 0 ? this.#last : null);
  }

  rewind(): void {
    this.count = 0;
    this.ended = false;
  }
}
