import { i420Bytes } from '../sources/frame-file.ts';
import type { PictureInput } from './picture-line.ts';

const stride = (width: number): number => (width + 3) & ~3;

/**
 * Draws the overlay (sources/overlay-picture.ts) over pictures of one size. What is not covered is not touched, so that
 * it costs what it covers.
 */
export class OverlayPainter {
  readonly #width: number;
  readonly #height: number;
  readonly #read: Buffer;
  readonly #painted: Buffer;
  /** Two rows that nothing covers. */
  readonly #clear: Buffer;
  /** Covered bytes of a picture: where they are, what is added, and how much of the picture stays, in 256ths. */
  #at = new Int32Array(0);
  #add = new Uint8Array(0);
  #keep = new Uint16Array(0);

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#read = Buffer.alloc(i420Bytes(width, 2 * height));
    this.#clear = Buffer.alloc(2 * stride(width));
    this.#painted = Buffer.alloc(i420Bytes(width, height));
  }

  /** The overlay that holds from now on; the one before where it can't be read. */
  take(input: PictureInput): void {
    if (!input.read(this.#read)) return;
    const { at, add, keep } = this.#covered();
    this.#at = Int32Array.from(at);
    this.#add = Uint8Array.from(add);
    this.#keep = Uint16Array.from(keep);
  }

  /** @returns the picture with the overlay, the same buffer each time; the picture itself, where nothing is covered */
  paint(picture: Buffer): Buffer {
    const at = this.#at;
    if (at.length === 0) return picture;
    const [painted, add, keep] = [this.#painted, this.#add, this.#keep];
    picture.copy(painted);
    for (let each = 0; each < at.length; each += 1) {
      const byte = at[each] ?? 0;
      painted[byte] = (add[each] ?? 0) + (((painted[byte] ?? 0) * (keep[each] ?? 0)) >> 8);
    }
    return painted;
  }

  #covered(): { at: number[]; add: number[]; keep: number[] } {
    const [read, width, height] = [this.#read, this.#width, this.#height];
    const row = stride(width);
    const chromaRow = stride(width / 2);
    const chromaBytes = (chromaRow * height) / 2;
    const [inU, inV] = [2 * row * height, 2 * row * height + 2 * chromaBytes];
    const [outU, outV] = [row * height, row * height + chromaBytes];
    const covered = { at: [] as number[], add: [] as number[], keep: [] as number[] };
    const cover = (at: number, add: number, opacity: number): void => {
      covered.at.push(at);
      covered.add.push(add);
      covered.keep.push(Math.round(((255 - opacity) * 256) / 255));
    };
    for (let y = 0; y < height; y += 2) {
      const pair = read.subarray((height + y) * row, (height + y + 2) * row);
      if (pair.equals(this.#clear)) continue;
      for (let x = 0; x < width; x += 2) {
        let sum = 0;
        for (let each = 0; each < 4; each += 1) {
          const at = (y + (each >> 1)) * row + x + (each & 1);
          const opacity = read[height * row + at] ?? 0;
          sum += opacity;
          if (opacity > 0) cover(at, read[at] ?? 0, opacity);
        }
        if (sum === 0) continue;
        const at = (y / 2) * chromaRow + x / 2;
        cover(outU + at, read[inU + at] ?? 0, sum / 4);
        cover(outV + at, read[inV + at] ?? 0, sum / 4);
      }
    }
    return covered;
  }
}
