/**
 * The machine-readable strip of the test picture: the wall clock and the frame counter as black and white
 * cells along the bottom edge, big enough to survive a low bitrate and scaling. Pure, and free of `node:`
 * imports and inner functions, so that a browser test can inject `decodeStamp` by its source text.
 *
 * Layout: the bottom tenth of the picture, 3 rows of 32 cells, most significant bit first, white is 1:
 * 48 bits wall clock (ms since the epoch), 32 bits frame counter, 16 bits CRC-16/CCITT of the 80 before.
 */
export interface Stamp {
  /** Wall clock at capture, ms since the epoch, below 2^48. */
  clockMs: number;
  /** Counts frame slots since the pipeline began; a skipped slot is a gap. Wraps at 2^32. */
  frame: number;
}

export const stampColumns = 32;
export const stampRows = 3;
const dataBytes = 10;

export interface CellRectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The rows of the picture, counted from its bottom, that belong to the strip. */
export function stampHeight(height: number): number {
  return height - Math.round(height * 0.9);
}

/** Where the cell of one bit lies, in pixels. */
export function stampCell(bit: number, width: number, height: number): CellRectangle {
  const top = Math.round(height * 0.9);
  const column = bit % stampColumns;
  const row = Math.floor(bit / stampColumns);
  const x = Math.round((column * width) / stampColumns);
  const y = top + Math.round((row * (height - top)) / stampRows);
  return {
    x,
    y,
    width: Math.round(((column + 1) * width) / stampColumns) - x,
    height: top + Math.round(((row + 1) * (height - top)) / stampRows) - y,
  };
}

/** The 96 bits of one stamp, each 0 or 1, written into `bits`. */
export function encodeStamp({ clockMs, frame }: Stamp, bits = new Uint8Array(96)): Uint8Array {
  const high = Math.floor(clockMs / 2 ** 32) & 0xffff;
  const low = clockMs >>> 0;
  const counter = frame >>> 0;
  for (let bit = 0; bit < 16; bit += 1) bits[bit] = (high >>> (15 - bit)) & 1;
  for (let bit = 0; bit < 32; bit += 1) bits[16 + bit] = (low >>> (31 - bit)) & 1;
  for (let bit = 0; bit < 32; bit += 1) bits[48 + bit] = (counter >>> (31 - bit)) & 1;
  let check = 0xffff;
  for (let bit = 0; bit < dataBytes * 8; bit += 1) {
    const carry = (check >>> 15) ^ (bits[bit] ?? 0);
    check = (check << 1) & 0xffff;
    if (carry === 1) check ^= 0x1021;
  }
  for (let bit = 0; bit < 16; bit += 1) bits[80 + bit] = (check >>> (15 - bit)) & 1;
  return bits;
}

/**
 * Reads the stamp off a picture that may have been encoded, decoded and scaled.
 * @param rgba the whole picture, 4 bytes a pixel, row by row
 * @returns null where the strip cannot be read without doubt
 */
export function decodeStamp(
  rgba: Uint8Array | Uint8ClampedArray,
  width: number,
  height: number,
): Stamp | null {
  if (width < 64 || height < 60 || rgba.length < width * height * 4) return null;
  const top = Math.round(height * 0.9);
  const lightness = new Float64Array(96);
  let darkest = 255;
  let lightest = 0;
  for (let cell = 0; cell < 96; cell += 1) {
    // Only the middle half of a cell counts: its edges are blurred by the encoder and by scaling.
    const left = ((cell % 32) * width) / 32;
    const upper = top + (Math.floor(cell / 32) * (height - top)) / 3;
    const x0 = Math.floor(left + width / 128);
    const x1 = Math.max(x0 + 1, Math.floor(left + (3 * width) / 128));
    const y0 = Math.floor(upper + (height - top) / 12);
    const y1 = Math.max(y0 + 1, Math.floor(upper + (3 * (height - top)) / 12));
    let sum = 0;
    for (let y = y0; y < y1; y += 1) {
      for (let x = x0; x < x1; x += 1) {
        const at = (y * width + x) * 4;
        sum += (2 * (rgba[at] ?? 0) + 5 * (rgba[at + 1] ?? 0) + (rgba[at + 2] ?? 0)) / 8;
      }
    }
    const mean = sum / ((x1 - x0) * (y1 - y0));
    lightness[cell] = mean;
    if (mean < darkest) darkest = mean;
    if (mean > lightest) lightest = mean;
  }
  if (lightest - darkest < 48) return null;
  const threshold = (lightest + darkest) / 2;
  let check = 0xffff;
  let clockMs = 0;
  let frame = 0;
  let received = 0;
  for (let cell = 0; cell < 96; cell += 1) {
    const bit = (lightness[cell] ?? 0) > threshold ? 1 : 0;
    if (cell < 48) clockMs = clockMs * 2 + bit;
    else if (cell < 80) frame = frame * 2 + bit;
    else received = received * 2 + bit;
    if (cell < 80) {
      const carry = (check >>> 15) ^ bit;
      check = (check << 1) & 0xffff;
      if (carry === 1) check ^= 0x1021;
    }
  }
  return received === check ? { clockMs, frame } : null;
}
