import type { Clock } from '#core/domain/clock.ts';
import type { ButtonLine } from '#core/hardware/gpio/button-line.ts';
import { type GpioLine, openLine, type SysfsGpio } from './sysfs-gpio.ts';

/** A button on a line of /sys/class/gpio. */
export class SysfsButton implements ButtonLine {
  readonly #line: GpioLine;
  readonly #clock: Clock;
  #gpio: SysfsGpio | null = null;

  constructor(options: { line: GpioLine; clock: Clock }) {
    this.#line = options.line;
    this.#clock = options.clock;
  }

  /** @throws OnairError `unavailable`: somebody else has the line, or we may not */
  async start(onLevel: (pressed: boolean) => void): Promise<void> {
    const gpio = await openLine(this.#line, 'input', this.#clock);
    this.#gpio = gpio;
    gpio.watch((error, value) => {
      if (error) throw error; // the line is gone: starting afresh finds it again, or says why not
      if (this.#gpio === gpio) onLevel(value === 1);
    });
    onLevel(gpio.readSync() === 1);
  }

  close(): void {
    const gpio = this.#gpio;
    this.#gpio = null;
    gpio?.unexport();
  }
}
