import { Canvas, type Colour, colour } from '../test-picture/canvas.ts';
import { drawable } from '../test-picture/lettering.ts';
import { Line, paper } from '../test-picture/line.ts';
import type { SlatePlan } from './plan.ts';

const background: Colour = { ...colour(22, 26, 38), y: paper };
const markColour = colour(255, 140, 50);
const even = (value: number): number => Math.round(value / 2) * 2;
const longestName = 28;
/** The mark crosses the picture and comes back in this time. */
const roundMs = 8_000;

/**
 * What viewers see while no source delivers: the box's name, "Back in a moment", and a mark that moves, so that they
 * see that the stream itself is alive. With a picture of the operator's own, the mark alone is painted on it.
 */
export class Slate {
  readonly #width: number;
  readonly #height: number;
  readonly #canvas: Canvas;
  #still: Canvas;
  #plan: SlatePlan;

  constructor(width: number, height: number, plan: SlatePlan) {
    this.#width = width;
    this.#height = height;
    this.#canvas = new Canvas(width, height);
    this.#plan = plan;
    this.#still = this.#draw();
  }

  set plan(plan: SlatePlan) {
    if (plan.name === this.#plan.name && plan.words === this.#plan.words) return;
    this.#plan = plan;
    this.#still = this.#draw();
  }

  /** The bytes returned are the same buffer each time: use them before the next call. */
  paint(nowMs: number, own: Buffer | null): Buffer {
    const canvas = this.#canvas;
    (own ?? this.#still.bytes).copy(canvas.bytes);
    const size = Math.max(4, even(this.#height * 0.045));
    const phase = ((nowMs % roundMs) / roundMs) * 2;
    const travel = this.#width * 0.6 - size;
    const x = even(this.#width * 0.2 + (phase < 1 ? phase : 2 - phase) * travel);
    const y = even(this.#height * 0.78);
    canvas.fill(x, y, size, size, markColour);
    return canvas.bytes;
  }

  #draw(): Canvas {
    const still = new Canvas(this.#width, this.#height);
    still.fill(0, 0, this.#width, this.#height, background);
    const name = drawable(this.#plan.name).slice(0, longestName).trim() || 'ONAIR';
    this.#write(still, name, 0.3, 0.46);
    this.#write(still, drawable(this.#plan.words), 0.54, 0.63);
    return still;
  }

  #write(canvas: Canvas, text: string, top: number, bottom: number): void {
    const area = { x: even(this.#width * 0.06), y: even(this.#height * top), width: 0, height: 0 };
    area.width = even(this.#width * 0.94) - area.x;
    area.height = even(this.#height * bottom) - area.y;
    new Line(text.length, area).show(text, canvas);
  }
}
