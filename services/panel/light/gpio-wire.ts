import type { Clock } from '#core/domain/clock.ts';
import { type GpioLine, openLine, type SysfsGpio } from '../gpio/sysfs-gpio.ts';
import type { LightWire } from './plain-light.ts';

/** A light on a line of /sys/class/gpio. */
export class GpioWire implements LightWire {
  readonly #line: GpioLine;
  readonly #clock: Clock;
  #gpio: SysfsGpio | null = null;

  constructor(options: { line: GpioLine; clock: Clock }) {
    this.#line = options.line;
    this.#clock = options.clock;
  }

  /** @throws OnairError `unavailable`: somebody else has the line, or we may not */
  async start(): Promise<void> {
    this.#gpio = await openLine(this.#line, 'output', this.#clock);
  }

  set(lit: boolean): void {
    this.#gpio?.writeSync(lit ? 1 : 0);
  }

  close(): void {
    this.#gpio?.unexport();
    this.#gpio = null;
  }
}
