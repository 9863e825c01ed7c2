import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#core/domain/clock.ts';

const pollEveryMs = 500;
/** States of a USB device controller in which a host has this box configured (Linux, usb_device_state). */
const pluggedStates = new Set(['configured', 'suspended']);

/**
 * Whether a host is at the other end of the USB cable, as the device controllers in sysfs say. A gadget's terminal
 * line shows neither DTR nor a carrier, so this is the only way to know.
 */
export class UsbCable {
  readonly #directory: string;
  readonly #clock: Clock;
  #plugged: boolean | null = null;
  #onChange: (plugged: boolean) => void = () => {};
  #cancel: () => void = () => {};
  #closed = false;

  /** @param options.directory /sys/class/udc */
  constructor(options: { directory: string; clock: Clock }) {
    this.#directory = options.directory;
    this.#clock = options.clock;
  }

  /** Null where no device controller tells. */
  get plugged(): boolean | null {
    return this.#plugged;
  }

  /** The line was hung up: the cable is out until the controllers report it again. */
  doubt(): void {
    if (this.#plugged) this.#plugged = false;
  }

  async start(onChange: (plugged: boolean) => void): Promise<void> {
    this.#onChange = onChange;
    await this.#look();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  async #look(): Promise<void> {
    const plugged = await this.#read();
    if (this.#closed) return;
    const before = this.#plugged;
    this.#plugged = plugged;
    this.#cancel = this.#clock.after(pollEveryMs, () => void this.#look());
    if (plugged !== null && plugged !== (before ?? false)) this.#onChange(plugged);
  }

  async #read(): Promise<boolean | null> {
    const controllers = await readdir(this.#directory).catch((): string[] => []);
    const states = await Promise.all(
      controllers.map((name) => readFile(join(this.#directory, name, 'state'), 'utf8').catch(() => null)),
    );
    const known = states.filter((state) => state !== null);
    return known.length === 0 ? null : known.some((state) => pluggedStates.has(state.trim()));
  }
}
