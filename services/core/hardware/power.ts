import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the board says of its power and heat; a figure that it doesn't have is null, never invented. */
export interface PowerReading {
  batteryPercent: number | null;
  temperatureCelsius: number | null;
  throttled: boolean;
  underVoltage: boolean;
}

/** Reads /sys directly: no child process, whatever battery driver there is. */
export class SysfsPower {
  readonly #root: string;

  /** @param options.root "/sys", or a tree that stands in for it */
  constructor(options: { root: string }) {
    this.#root = options.root;
  }

  async read(): Promise<PowerReading> {
    const [batteryPercent, temperatureCelsius, underVoltage, throttled] = await Promise.all([
      this.#battery(),
      this.#temperature(),
      this.#underVoltage(),
      this.#throttled(),
    ]);
    return { batteryPercent, temperatureCelsius, throttled, underVoltage };
  }

  async #battery(): Promise<number | null> {
    for (const supply of await this.#list('class/power_supply')) {
      if ((await this.#text(supply, 'type')) !== 'Battery') continue;
      if ((await this.#text(supply, 'scope')) === 'Device') continue; // a mouse's or a headset's
      const percent = await this.#number(supply, 'capacity');
      if (percent !== null) return Math.min(100, Math.max(0, percent));
    }
    return null;
  }

  /** The hottest zone, as thermal throttling sees it. */
  async #temperature(): Promise<number | null> {
    let hottest: number | null = null;
    for (const zone of await this.#list('class/thermal')) {
      const milliCelsius = await this.#number(zone, 'temp');
      if (milliCelsius !== null) hottest = Math.max(hottest ?? Number.NEGATIVE_INFINITY, milliCelsius / 1000);
    }
    return hottest;
  }

  /** The Raspberry Pi's `rpi_volt` sensor. */
  async #underVoltage(): Promise<boolean> {
    for (const sensor of await this.#list('class/hwmon')) {
      if ((await this.#text(sensor, 'name')) !== 'rpi_volt') continue;
      return (await this.#number(sensor, 'in0_lcrit_alarm')) === 1;
    }
    return false;
  }

  /** Bits 1 and 2 of `get_throttled`: capped or throttled now. */
  async #throttled(): Promise<boolean> {
    const text = await this.#text(join(this.#root, 'devices/platform/soc/soc:firmware'), 'get_throttled');
    return text !== null && (Number.parseInt(text, 16) & 0b110) !== 0;
  }

  async #list(path: string): Promise<string[]> {
    const folder = join(this.#root, path);
    const names = await readdir(folder).catch(() => []);
    return names.sort().map((name) => join(folder, name));
  }

  async #text(folder: string, file: string): Promise<string | null> {
    return await readFile(join(folder, file), 'utf8').then(
      (text) => text.trim(),
      () => null,
    );
  }

  async #number(folder: string, file: string): Promise<number | null> {
    const text = await this.#text(folder, file);
    const value = text === null || text === '' ? Number.NaN : Number(text);
    return Number.isFinite(value) ? value : null;
  }
}
