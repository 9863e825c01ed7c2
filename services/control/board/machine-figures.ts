import { statfs } from 'node:fs/promises';
import { basename } from 'node:path';
import type { NetworkReading, TelemetryReading } from '#core/domain/telemetry.ts';
import { SystemTree } from '#core/hardware/system-tree.ts';

/** How much of the machine is in use. */
export type MachineReading = Pick<
  TelemetryReading,
  'memory' | 'load' | 'processorBusyRatio' | 'disk' | 'network' | 'uptimeSeconds'
>;

const bytesPerKibibyte = 1024;

/** Reads /proc and /sys directly: no child process, nothing that waits. */
export class MachineFigures {
  readonly #sys: SystemTree;
  readonly #proc: SystemTree;
  readonly #dataDirectory: string;
  #ticksBefore: { busy: number; all: number } | null = null;

  /**
   * @param options.sysRoot "/sys", or a tree that stands in for it
   * @param options.procRoot "/proc", or a tree that stands in for it
   * @param options.dataDirectory on the disk that is to be told of
   */
  constructor(options: { sysRoot: string; procRoot: string; dataDirectory: string }) {
    this.#sys = new SystemTree(options.sysRoot);
    this.#proc = new SystemTree(options.procRoot);
    this.#dataDirectory = options.dataDirectory;
  }

  async read(): Promise<MachineReading> {
    const [memory, load, processorBusyRatio, disk, network, uptimeSeconds] = await Promise.all([
      this.#memory(),
      this.#load(),
      this.#busyRatio(),
      this.#disk(),
      this.#network(),
      this.#uptime(),
    ]);
    return { memory, load, processorBusyRatio, disk, network, uptimeSeconds };
  }

  /** MemAvailable: what programs can still have without swapping, which MemFree does not say. */
  async #memory(): Promise<MachineReading['memory']> {
    const text = (await this.#proc.text('meminfo')) ?? '';
    const totalBytes = bytesOf(text, 'MemTotal');
    const availableBytes = bytesOf(text, 'MemAvailable');
    return totalBytes === null || availableBytes === null ? null : { totalBytes, availableBytes };
  }

  async #load(): Promise<MachineReading['load']> {
    const [oneMinute, fiveMinutes, fifteenMinutes] = numbersIn(await this.#proc.text('loadavg'));
    if (oneMinute === undefined || fiveMinutes === undefined || fifteenMinutes === undefined) return null;
    return { oneMinute, fiveMinutes, fifteenMinutes };
  }

  /** The line of all processors in /proc/stat: user nice system idle iowait irq softirq steal. */
  async #busyRatio(): Promise<number | null> {
    const line = /^cpu +(.*)$/m.exec((await this.#proc.text('stat')) ?? '')?.[1] ?? null;
    const ticks = numbersIn(line).slice(0, 8);
    if (ticks.length < 5) return null;
    const all = ticks.reduce((sum, each) => sum + each, 0);
    const busy = all - (ticks[3] ?? 0) - (ticks[4] ?? 0);
    const before = this.#ticksBefore;
    this.#ticksBefore = { busy, all };
    if (before === null || all <= before.all) return null;
    return Math.min(1, Math.max(0, (busy - before.busy) / (all - before.all)));
  }

  async #disk(): Promise<MachineReading['disk']> {
    const found = await statfs(this.#dataDirectory).catch(() => null);
    if (found === null) return null;
    return { totalBytes: found.blocks * found.bsize, availableBytes: found.bavail * found.bsize };
  }

  async #network(): Promise<NetworkReading[]> {
    const signals = await this.#signals();
    const readings: NetworkReading[] = [];
    for (const path of await this.#sys.list('class/net')) {
      const name = basename(path);
      const receivedBytes = await this.#sys.number(path, 'statistics/rx_bytes');
      const transmittedBytes = await this.#sys.number(path, 'statistics/tx_bytes');
      if (name === 'lo' || receivedBytes === null || transmittedBytes === null) continue;
      const up = (await this.#sys.text(path, 'operstate')) === 'up';
      readings.push({ name, up, receivedBytes, transmittedBytes, signalDbm: signals.get(name) ?? null });
    }
    return readings;
  }

  /** /proc/net/wireless: `wlan0: 0000   57.  -53.  -256 …`; only connected interfaces stand in it. */
  async #signals(): Promise<Map<string, number>> {
    const signals = new Map<string, number>();
    for (const line of ((await this.#proc.text('net/wireless')) ?? '').split('\n')) {
      const [, name, level] = /^\s*([^\s:]+):\s+\S+\s+\S+\s+(-\d+)\.?\s/.exec(line) ?? [];
      if (name !== undefined && level !== undefined) signals.set(name, Number(level));
    }
    return signals;
  }

  async #uptime(): Promise<number | null> {
    const [seconds] = numbersIn(await this.#proc.text('uptime'));
    return seconds === undefined ? null : Math.floor(seconds);
  }
}

function bytesOf(meminfo: string, name: string): number | null {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * bytesPerKibibyte;
}

/** The numbers at the beginning of a line. */
function numbersIn(line: string | null): number[] {
  const numbers: number[] = [];
  for (const word of (line ?? '').split(/\s+/)) {
    const value = word === '' ? Number.NaN : Number(word);
    if (!Number.isFinite(value)) break;
    numbers.push(value);
  }
  return numbers;
}
