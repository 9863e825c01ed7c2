import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';

/** One line of /sys/class/gpio, as onoff opens it. */
export interface SysfsGpio {
  readSync(): 0 | 1;
  writeSync(value: 0 | 1): void;
  watch(onEdge: (error: Error | null | undefined, value: 0 | 1) => void): void;
  unexport(): void;
}

/**
 * Opens a line by its number in /sys/class/gpio (chip's base + offset): an input that tells of both edges, or an
 * output, dark at first. With `activeLow`, 1 is what is drawn to ground.
 */
export type OpenGpio = (number: number, use: 'input' | 'output', activeLow: boolean) => SysfsGpio;

/** Loaded only where it is used: it brings a native addon along. */
export async function loadOnoff(): Promise<OpenGpio> {
  const { Gpio } = await import('onoff');
  return (number, use, activeLow) => {
    if (use === 'input') {
      const gpio = new Gpio(number, 'in', 'both', { activeLow });
      // A line that was left exported is taken as it is, and onoff says nothing where it can't be set.
      if (gpio.direction() !== 'in' || gpio.edge() !== 'both') throw new Error('it can not tell of edges');
      return gpio;
    }
    const gpio = new Gpio(number, activeLow ? 'high' : 'low', 'none', { activeLow });
    if (gpio.direction() !== 'out') throw new Error('it can not be set');
    return gpio;
  };
}

/** A line to open, and what opens it. */
export interface GpioLine {
  /** The chip's base and the line's offset together. */
  number: number;
  /** For messages. */
  name: string;
  activeLow: boolean;
  open: OpenGpio;
}

/** What udev has not opened to the panel yet it will have by then. */
const accessWithinMs = 2_000;
const accessEveryMs = 100;

/** @throws OnairError `unavailable`: somebody else has the line, or we may not */
export async function openLine(line: GpioLine, use: 'input' | 'output', clock: Clock): Promise<SysfsGpio> {
  const { number, name, activeLow, open } = line;
  const deadlineMs = clock.monotonicMs() + accessWithinMs;
  for (;;) {
    try {
      return open(number, use, activeLow);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (/EBUSY/.test(message)) throw inUse(name);
      if (clock.monotonicMs() >= deadlineMs) throw notOurs(name, message);
    }
    await new Promise<void>((resolve) => clock.after(accessEveryMs, resolve));
  }
}

function inUse(name: string): OnairError {
  return new OnairError('unavailable', `The GPIO line ${name} is in use by something else.`, {
    subject: name,
    action: 'See who has it with gpioinfo; an overlay of the device tree may have taken it.',
  });
}

function notOurs(name: string, why: string): OnairError {
  return new OnairError('unavailable', `The GPIO line ${name} can't be opened: ${why}.`, {
    subject: name,
    action: "Let the panel's user write in /sys/class/gpio (udev rules).",
  });
}
