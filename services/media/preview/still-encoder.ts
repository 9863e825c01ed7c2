import type { GStreamer, GstAppSink, GstAppSource, GstPipeline } from '../gstreamer.ts';
import { chain } from '../sources/picture-text.ts';

const names = { pictures: 'pictures', stills: 'stills' } as const;

interface Size {
  width: number;
  height: number;
}

/** The still's size for a picture: its shape, no larger than it is, even. */
export function stillSize(picture: Size, width: number): Size {
  const smaller = Math.min(width, picture.width) & ~1;
  return { width: smaller, height: Math.max(2, Math.round((picture.height * smaller) / picture.width) & ~1) };
}

/** Every value in it is a number of ours. */
export function stillText(picture: Size, still: Size): string {
  return chain(
    `appsrc name=${names.pictures} format=time max-bytes=0 caps="video/x-raw,format=I420,width=${picture.width},height=${picture.height},framerate=2/1,pixel-aspect-ratio=1/1,interlace-mode=progressive,colorimetry=bt709"`,
    'videoscale',
    'videoconvert',
    // What JPEG readers take for granted: BT.601, full range.
    `video/x-raw,format=I420,width=${still.width},height=${still.height},colorimetry=1:4:0:0`,
    'jpegenc quality=80',
    `appsink name=${names.stills} sync=false async=false max-buffers=2`,
  );
}

/** Makes JPEG stills of pictures of one size, one after another. */
export class StillEncoder {
  readonly #pipeline: GstPipeline;
  readonly #source: GstAppSource;
  readonly #sink: GstAppSink;
  readonly #pts = Buffer.alloc(8);
  #count = 0n;
  #last: Promise<Buffer | null> = Promise.resolve(null);

  /** @throws Error with GStreamer's message */
  constructor(gstreamer: GStreamer, picture: Size, still: Size) {
    this.#pipeline = new gstreamer.Pipeline(stillText(picture, still));
    this.#source = this.#pipeline.findChild(names.pictures) as GstAppSource;
    this.#sink = this.#pipeline.findChild(names.stills) as GstAppSink;
    this.#pipeline.play();
  }

  /** @param picture I420; copied */
  encode(picture: Buffer): Promise<Buffer | null> {
    this.#count += 1n;
    this.#pts.writeBigUInt64BE(this.#count * 500_000_000n);
    this.#source.push(picture, this.#pts);
    this.#last = this.#last.then(() => new Promise((resolve) => this.#sink.pull((bytes) => resolve(bytes))));
    return this.#last;
  }

  close(): void {
    this.#pipeline.stop();
  }
}
