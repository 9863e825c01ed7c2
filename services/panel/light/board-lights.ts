import type { Light, LightState, Lights } from '#core/hardware/light/light.ts';

/** The lights of a real board: two, or one of either colour, or none. */
export class BoardLights implements Lights {
  readonly count: 0 | 1 | 2;
  readonly #first: Light | null;
  readonly #second: Light | null;

  /** A board's only light shows what `red` says. */
  constructor({ red, green }: { red: Light | null; green: Light | null }) {
    this.#first = red ?? green;
    this.#second = red === null ? null : green;
    this.count = this.#first === null ? 0 : this.#second === null ? 1 : 2;
  }

  async start(): Promise<void> {
    await this.#first?.start();
    await this.#second?.start();
  }

  show({ red, green }: LightState): void {
    this.#first?.show(red);
    this.#second?.show(green);
  }

  async close(): Promise<void> {
    await this.#first?.close();
    await this.#second?.close();
  }
}
