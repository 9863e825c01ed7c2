/** A drawn part: BGRA, premultiplied, rows without padding. All sides and places are even. */
export interface DrawnTile {
  x: number;
  y: number;
  width: number;
  height: number;
  bgra: Buffer;
}

const stride = (width: number): number => (width + 3) & ~3;

/**
 * The overlay as it is handed over: an I420 picture of twice the height, BT.709 limited range, colours premultiplied
 * above, their opacity as luma below.
 */
export class OverlayPicture {
  readonly #width: number;
  readonly #height: number;
  readonly #bytes: Buffer;

  /** @param bytes of such a picture */
  constructor(width: number, height: number, bytes: number) {
    this.#width = width;
    this.#height = height;
    this.#bytes = Buffer.alloc(bytes);
  }

  /** @returns the same buffer each time */
  compose(tiles: readonly DrawnTile[]): Buffer {
    this.#bytes.fill(0);
    for (const tile of tiles) this.#place(tile);
    return this.#bytes;
  }

  #place(tile: DrawnTile): void {
    const { bgra } = tile;
    const bytes = this.#bytes;
    const row = stride(this.#width);
    const chromaRow = stride(this.#width / 2);
    const u = row * this.#height * 2;
    const v = u + chromaRow * this.#height;
    const width = Math.min(tile.width, this.#width - tile.x);
    const height = Math.min(tile.height, this.#height - tile.y);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const from = (y * tile.width + x) * 4;
        const alpha = bgra[from + 3] ?? 0;
        if (alpha === 0) continue;
        const [blue, green, red] = [bgra[from] ?? 0, bgra[from + 1] ?? 0, bgra[from + 2] ?? 0];
        const at = (tile.y + y) * row + tile.x + x;
        bytes[at] = (16 * alpha) / 255 + 0.1826 * red + 0.6142 * green + 0.062 * blue;
        bytes[this.#height * row + at] = alpha;
      }
    }
    for (let y = 0; y < height; y += 2) {
      for (let x = 0; x < width; x += 2) {
        const sum = [0, 0, 0, 0];
        for (const from of [y * tile.width + x, (y + 1) * tile.width + x]) {
          for (let at = from * 4; at < from * 4 + 8; at += 1)
            sum[at & 3] = (sum[at & 3] ?? 0) + (bgra[at] ?? 0);
        }
        const [blue = 0, green = 0, red = 0, alpha = 0] = sum.map((value) => value / 4);
        if (alpha === 0) continue;
        const at = ((tile.y + y) / 2) * chromaRow + (tile.x + x) / 2;
        const grey = (128 * alpha) / 255;
        bytes[u + at] = Math.round(grey - 0.1006 * red - 0.3386 * green + 0.4392 * blue);
        bytes[v + at] = Math.round(grey + 0.4392 * red - 0.3989 * green - 0.0403 * blue);
      }
    }
  }
}
