import { basename } from 'node:path';
import type { TelemetryReading } from '#core/domain/telemetry.ts';
import { SystemTree } from '#core/hardware/system-tree.ts';

/** What the board says of its power and heat. */
export type PowerReading = Pick<
  TelemetryReading,
  'batteryPercent' | 'charging' | 'temperatureCelsius' | 'throttled' | 'underVoltage'
>;

const powerSupplies = 'class/power_supply';
const firmware = 'devices/platform/soc/soc:firmware';
/** Bits of the Raspberry Pi firmware's `get_throttled` that say how it is now; those above say how it was. */
const underVoltageNow = 0b0001;
/** Frequency capped, throttled, or at the soft temperature limit. */
const throttledNow = 0b1110;
/** What a sensor says outside of this is a fault of the sensor. */
const believable = { fromCelsius: -40, toCelsius: 150 };

/** Reads /sys directly: no child process, and whatever battery or sensor driver there is. */
export class SysfsPower {
  readonly #tree: SystemTree;

  /** @param options.root "/sys", or a tree that stands in for it */
  constructor(options: { root: string }) {
    this.#tree = new SystemTree(options.root);
  }

  async read(): Promise<PowerReading> {
    const [battery, temperatureCelsius, alarms] = await Promise.all([
      this.#battery(),
      this.#temperature(),
      this.readAlarms(),
    ]);
    return { ...battery, temperatureCelsius, ...alarms };
  }

  /** What may change from one second to the next. */
  async readAlarms(): Promise<Pick<PowerReading, 'throttled' | 'underVoltage'>> {
    const text = await this.#tree.text(firmware, 'get_throttled');
    const known = text !== null && /^(0x)?[\da-f]{1,8}$/i.test(text);
    const bits = known ? Number.parseInt(text, 16) : 0;
    const sensor = await this.#voltageAlarm();
    return {
      throttled: known ? (bits & throttledNow) !== 0 : await this.#cooled(),
      underVoltage: sensor ?? (known ? (bits & underVoltageNow) !== 0 : null),
    };
  }

  async #battery(): Promise<Pick<PowerReading, 'batteryPercent' | 'charging'>> {
    const percents: number[] = [];
    const states: string[] = [];
    for (const supply of await this.#tree.list(powerSupplies)) {
      if ((await this.#tree.text(supply, 'type')) !== 'Battery') continue;
      if ((await this.#tree.text(supply, 'scope')) === 'Device') continue; // a mouse's or a headset's
      if ((await this.#tree.number(supply, 'present')) === 0) continue;
      const percent = await this.#percent(supply);
      if (percent === null) continue;
      percents.push(percent);
      states.push((await this.#tree.text(supply, 'status')) ?? 'Unknown');
    }
    if (percents.length === 0) return { batteryPercent: null, charging: null };
    const mean = percents.reduce((sum, percent) => sum + percent, 0) / percents.length;
    return { batteryPercent: Math.round(mean), charging: chargingOf(states) };
  }

  /** `capacity`, else what is left of what is full, since some gauges give only that. */
  async #percent(supply: string): Promise<number | null> {
    const capacity = await this.#tree.number(supply, 'capacity');
    if (capacity !== null) return Math.min(100, Math.max(0, capacity));
    for (const kind of ['charge', 'energy']) {
      const now = await this.#tree.number(supply, `${kind}_now`);
      const full = await this.#tree.number(supply, `${kind}_full`);
      if (now !== null && full !== null && full > 0) return Math.min(100, Math.max(0, (now / full) * 100));
    }
    return null;
  }

  /** The hottest zone, as thermal throttling sees it; without zones, the hottest sensor. */
  async #temperature(): Promise<number | null> {
    const zones = (await this.#tree.list('class/thermal')).filter((path) =>
      basename(path).startsWith('thermal_zone'),
    );
    const ofZones = await this.#hottest(zones, 'temp');
    return ofZones ?? (await this.#hottest(await this.#tree.list('class/hwmon'), 'temp1_input'));
  }

  async #hottest(sensors: readonly string[], file: string): Promise<number | null> {
    let hottest: number | null = null;
    for (const sensor of sensors) {
      const milliCelsius = await this.#tree.number(sensor, file);
      if (milliCelsius === null) continue;
      const celsius = milliCelsius / 1000;
      if (celsius < believable.fromCelsius || celsius > believable.toCelsius) continue;
      hottest = Math.max(hottest ?? celsius, celsius);
    }
    return hottest;
  }

  /** The Raspberry Pi's `rpi_volt` sensor; null where there is none. */
  async #voltageAlarm(): Promise<boolean | null> {
    for (const sensor of await this.#tree.list('class/hwmon')) {
      if ((await this.#tree.text(sensor, 'name')) !== 'rpi_volt') continue;
      const alarm = await this.#tree.number(sensor, 'in0_lcrit_alarm');
      return alarm === null ? null : alarm === 1;
    }
    return null;
  }

  /** Whether the kernel holds the processor back for its heat; null where it has no means to. */
  async #cooled(): Promise<boolean | null> {
    let known = false;
    for (const device of await this.#tree.list('class/thermal')) {
      if (!basename(device).startsWith('cooling_device')) continue;
      const type = (await this.#tree.text(device, 'type')) ?? '';
      if (!/cpufreq|^processor$/i.test(type)) continue;
      const state = await this.#tree.number(device, 'cur_state');
      if (state === null) continue;
      if (state > 0) return true;
      known = true;
    }
    return known ? false : null;
  }
}

function chargingOf(states: readonly string[]): boolean | null {
  if (states.includes('Charging')) return true;
  return states.every((state) => state === 'Unknown') ? null : false;
}
