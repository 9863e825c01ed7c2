import type { Glyph } from './lettering.ts';

/** A colour in BT.709 limited range: luma 16 to 235, chroma around 128. */
export interface Colour {
  y: number;
  u: number;
  v: number;
}

/** BT.709 limited range from RGB of 0 to 255. */
export function colour(red: number, green: number, blue: number): Colour {
  return {
    y: 16 + 0.1826 * red + 0.6142 * green + 0.062 * blue,
    u: 128 - 0.1006 * red - 0.3386 * green + 0.4392 * blue,
    v: 128 + 0.4392 * red - 0.3989 * green - 0.0403 * blue,
  };
}

export const black: Colour = { y: 16, u: 128, v: 128 };

const roundUp4 = (value: number): number => (value + 3) & ~3;

/** One I420 picture in GStreamer's default layout (rows padded to 4 bytes). Width and height are even. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly bytes: Buffer;
  readonly stride: number;
  readonly chromaStride: number;
  readonly uOffset: number;
  readonly vOffset: number;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.stride = roundUp4(width);
    this.chromaStride = roundUp4(width / 2);
    this.uOffset = this.stride * height;
    this.vOffset = this.uOffset + (this.chromaStride * height) / 2;
    this.bytes = Buffer.alloc(this.vOffset + (this.chromaStride * height) / 2);
  }

  /** The whole picture, from one colour in the upper left to another in the lower right. */
  gradient(from: Colour, to: Colour): void {
    const { width, height, uOffset, vOffset } = this;
    this.#ramp(0, this.stride, width, height, from.y, to.y);
    this.#ramp(uOffset, this.chromaStride, width / 2, height / 2, from.u, to.u);
    this.#ramp(vOffset, this.chromaStride, width / 2, height / 2, from.v, to.v);
  }

  #ramp(offset: number, stride: number, width: number, height: number, from: number, to: number): void {
    const bytes = this.bytes;
    const acrossStep = (to - from) / (2 * width);
    const downStep = (to - from) / (2 * height);
    for (let y = 0; y < height; y += 1) {
      const row = offset + y * stride;
      let value = from + y * downStep;
      for (let x = 0; x < width; x += 1) {
        bytes[row + x] = value;
        value += acrossStep;
      }
    }
  }

  /** A rectangle; chroma is filled to even borders. */
  fill(x: number, y: number, width: number, height: number, { y: luma, u, v }: Colour): void {
    for (let row = y; row < y + height; row += 1) {
      this.bytes.fill(luma, row * this.stride + x, row * this.stride + x + width);
      if (row & 1) continue;
      const chroma = (row >> 1) * this.chromaStride;
      const from = chroma + (x >> 1);
      const to = chroma + ((x + width + 1) >> 1);
      this.bytes.fill(u, this.uOffset + from, this.uOffset + to);
      this.bytes.fill(v, this.vOffset + from, this.vOffset + to);
    }
  }

  /** Only the luma of a rectangle: for what is grey and stays grey. */
  fillLuma(x: number, y: number, width: number, height: number, luma: number): void {
    for (let row = y; row < y + height; row += 1) {
      this.bytes.fill(luma, row * this.stride + x, row * this.stride + x + width);
    }
  }

  /** A glyph in white over grey. */
  letter(glyph: Glyph, x: number, y: number, paper: number): void {
    for (let row = 0; row < glyph.height; row += 1) {
      const to = (y + row) * this.stride + x;
      const from = row * glyph.width;
      for (let column = 0; column < glyph.width; column += 1) {
        const covered = glyph.coverage[from + column] ?? 0;
        this.bytes[to + column] = paper + (((235 - paper) * covered) >> 8);
      }
    }
  }

  /** Takes a rectangle over from another canvas of the same size; x, y, width and height are even. */
  restore(from: Canvas, x: number, y: number, width: number, height: number): void {
    for (let row = y; row < y + height; row += 1) {
      const at = row * this.stride + x;
      from.bytes.copy(this.bytes, at, at, at + width);
    }
    for (const plane of [this.uOffset, this.vOffset]) {
      for (let row = y >> 1; row < (y + height) >> 1; row += 1) {
        const at = plane + row * this.chromaStride + (x >> 1);
        from.bytes.copy(this.bytes, at, at, at + (width >> 1));
      }
    }
  }
}
