import { monotonicMs } from '#core/runtime/monotonic.ts';
import { FrameInput } from '../encoder/frame-input.ts';
import { loadGStreamer } from '../gstreamer.ts';
import { i420Bytes } from '../sources/frame-file.ts';
import { type FromPreview, firstPictureWithinMs, type PreviewInput, type ToPreview } from './contract.ts';
import { PeakWindow } from './peak-window.ts';
import { StillEncoder, stillSize } from './still-encoder.ts';

/** The process that makes stills and measures levels of sources (contract.ts); it ends with its parent. */
process.title = 'onair-media-preview';
// SIGKILL, since a thread that waits for GStreamer would hold up an ordinary exit.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('SIGINT', () => {}); // Ctrl-C goes to the whole group: the parent decides.

const notify = (message: FromPreview): void => {
  process.send?.(message);
};

/** A picture that is older is none of now. */
const staleAfterMs = 2_500;

/** One source process that may be looked at. */
class Look {
  readonly own: PreviewInput;
  readonly peaks = new PeakWindow({ nowMs: monotonicMs });
  readonly #input: FrameInput;
  #seenMs: number | null = null;
  #waiting: (() => void)[] = [];

  constructor(own: PreviewInput) {
    this.own = own;
    this.#input = new FrameInput({
      ...own,
      onPicture: () => {
        this.#seenMs = monotonicMs();
        for (const go of this.#waiting.splice(0)) go();
      },
      onSound: (samples) => this.peaks.add(samples),
    });
    this.#input.start();
  }

  /** The newest picture, or the next one; null where none comes in time. */
  async picture(): Promise<Buffer | null> {
    const picture = Buffer.allocUnsafe(i420Bytes(this.own.width, this.own.height));
    const untilMs = monotonicMs() + firstPictureWithinMs;
    while (monotonicMs() < untilMs) {
      const fresh = this.#seenMs !== null && monotonicMs() - this.#seenMs < staleAfterMs;
      // One that was overwritten meanwhile is followed by another.
      if (fresh && this.#input.read(picture)) return picture;
      await this.#next(untilMs - monotonicMs());
    }
    return null;
  }

  close(): void {
    this.#input.close();
  }

  #next(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

const looks = new Map<string, Look>();
const encoders = new Map<string, StillEncoder>();
const encodersKept = 3;
/** One still after another, so that none loses its encoder. */
let last: Promise<unknown> = Promise.resolve();
const gstreamer = loadGStreamer();

function setInputs(inputs: PreviewInput[]): void {
  const wanted = new Map(inputs.map((input) => [input.id, input]));
  for (const [id, look] of looks) {
    if (JSON.stringify(wanted.get(id)) === JSON.stringify(look.own)) continue;
    look.close();
    looks.delete(id);
  }
  for (const [id, input] of wanted) if (!looks.has(id)) looks.set(id, new Look(input));
}

/** Stills are of few sizes: the picture that is looked at, and those of a list. */
function encoderFor(look: Look, width: number): StillEncoder {
  const { own } = look;
  const still = stillSize(own, width);
  const key = `${own.width}x${own.height} ${still.width}x${still.height}`;
  const known = encoders.get(key);
  if (known) return known;
  const [oldest] = encoders;
  if (oldest && encoders.size >= encodersKept) {
    oldest[1].close();
    encoders.delete(oldest[0]);
  }
  const encoder = new StillEncoder(gstreamer, own, still);
  encoders.set(key, encoder);
  return encoder;
}

async function still(id: string | null, width: number): Promise<string | null> {
  const look = id === null ? undefined : looks.get(id);
  const picture = await look?.picture();
  if (!look || !picture) return null;
  const before = last;
  const made = before.then(() => encoderFor(look, width).encode(picture));
  last = made.catch(() => {});
  const jpeg = await made;
  return jpeg?.toString('base64') ?? null;
}

process.on('message', (message: ToPreview) => {
  if (message.type === 'inputs') {
    setInputs(message.inputs);
    return;
  }
  const { request, pictures, sound, width } = message;
  const tell = (jpeg: string | null) => {
    const peaks = (sound === null ? undefined : looks.get(sound))?.peaks.peaks ?? [];
    notify({ type: 'looked', request, jpeg, peaks });
  };
  still(pictures, width).then(tell, () => tell(null));
});
notify({ type: 'warm' });
