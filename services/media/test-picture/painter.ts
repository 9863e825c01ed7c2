import { black, Canvas, type Colour, colour } from './canvas.ts';
import { Line, paper } from './line.ts';
import { encodeStamp, type Stamp, stampCell, stampHeight } from './stamp.ts';

const bars: Colour[] = [
  colour(235, 235, 235),
  colour(235, 200, 40),
  colour(40, 200, 220),
  colour(60, 190, 90),
  colour(200, 70, 190),
  colour(220, 60, 60),
  colour(60, 80, 220),
];
const ballColour = colour(255, 140, 50);

const even = (value: number): number => Math.round(value / 2) * 2;
const digits = (value: number, length: number): string => String(value).padStart(length, '0');

/**
 * The test picture: a gradient, colour bars, a ball that crosses the picture in 4 s, the time of day to the
 * millisecond, the frame counter, and the strip of `stamp.ts` for machines. It is drawn once; each frame
 * touches only what changed, since drawing must cost next to nothing beside encoding.
 */
export class TestPicture {
  readonly #still: Canvas;
  readonly #canvas: Canvas;
  readonly #clock: Line;
  readonly #counter: Line;
  readonly #lane: { y: number; height: number; radius: number };
  readonly #bits = new Uint8Array(96);
  readonly #shownBits = new Uint8Array(96).fill(2);
  #ballLeft = 0;

  constructor(width: number, height: number) {
    const still = new Canvas(width, height);
    this.#still = still;
    still.gradient(colour(24, 32, 84), colour(120, 44, 116));
    const panel = (top: number, bottom: number, left = 0.06, right = 0.94) => {
      const area = { x: even(width * left), y: even(height * top), width: 0, height: 0 };
      area.width = even(width * right) - area.x;
      area.height = even(height * bottom) - area.y;
      still.fill(area.x, area.y, area.width, area.height, { ...black, y: paper });
      return area;
    };
    new Line(10, panel(0.05, 0.17, 0.24, 0.76)).show('ONAIR TEST', still);
    paintBars(still, even(height * 0.21), even(height * 0.31));
    this.#clock = new Line(12, panel(0.36, 0.58, 0.05, 0.95));
    this.#counter = new Line(14, panel(0.61, 0.7, 0.2, 0.8));
    const radius = Math.floor(height * 0.065);
    const laneTop = even(height * 0.735);
    this.#lane = { y: laneTop, height: even(radius * 2 + 2), radius };
    const strip = stampHeight(height);
    still.fill(0, height - strip, width, strip, black);
    this.#canvas = new Canvas(width, height);
    still.bytes.copy(this.#canvas.bytes);
  }

  /** Paints one frame. The bytes returned are the same buffer each time: use them before the next call. */
  paint(stamp: Stamp): Buffer {
    const time = new Date(stamp.clockMs);
    const clock = `${digits(time.getHours(), 2)}:${digits(time.getMinutes(), 2)}:${digits(time.getSeconds(), 2)}`;
    this.#clock.show(`${clock}.${digits(time.getMilliseconds(), 3)}`, this.#canvas);
    this.#counter.show(`FRAME ${digits(stamp.frame % 100_000_000, 8)}`, this.#canvas);
    this.#moveBall(stamp.clockMs);
    this.#paintStamp(stamp);
    return this.#canvas.bytes;
  }

  #moveBall(clockMs: number): void {
    const canvas = this.#canvas;
    const { y: top, height, radius } = this.#lane;
    canvas.restore(this.#still, this.#ballLeft, top, height, height);
    const phase = (clockMs % 8_000) / 4_000;
    const travel = canvas.width - height;
    const left = even((phase < 1 ? phase : 2 - phase) * travel);
    this.#ballLeft = Math.min(left, even(travel - 1));
    const centre = radius + 0.5;
    for (let row = 0; row < height; row += 1) {
      const dy = row - centre;
      const half = Math.sqrt(Math.max(0, radius * radius - dy * dy));
      if (half < 1) continue;
      const shine: Colour = { ...ballColour, y: ballColour.y + 30 - (40 * row) / height };
      const from = Math.ceil(centre - half);
      canvas.fill(this.#ballLeft + from, top + row, Math.floor(centre + half) - from, 1, shine);
    }
  }

  #paintStamp(stamp: Stamp): void {
    encodeStamp(stamp, this.#bits);
    for (let bit = 0; bit < this.#bits.length; bit += 1) {
      if (this.#bits[bit] === this.#shownBits[bit]) continue;
      const cell = stampCell(bit, this.#canvas.width, this.#canvas.height);
      this.#canvas.fillLuma(cell.x, cell.y, cell.width, cell.height, this.#bits[bit] === 1 ? 235 : 16);
    }
    this.#shownBits.set(this.#bits);
  }
}

function paintBars(canvas: Canvas, top: number, bottom: number): void {
  const left = canvas.width * 0.06;
  const step = (canvas.width * 0.88) / bars.length;
  bars.forEach((bar, at) => {
    const x = even(left + at * step);
    canvas.fill(x, top, even(left + (at + 1) * step) - x, bottom - top, bar);
  });
}
