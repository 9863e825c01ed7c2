import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import { loadEpoll } from '#panel/gpio/key-button.ts';
import type { NamedLine } from '#panel/gpio/line-finder.ts';
import type { SysfsGpio } from '#panel/gpio/sysfs-gpio.ts';
import type { Machine } from '#panel/open-board.ts';
import { playKernelPattern } from './kernel-pattern-player.ts';
import type { Run } from './light-runs.ts';
import { SystemFiles } from './system-files.ts';

const eventPath = 'dev/input/event1';

/** A machine whose /sys and /dev are folders: chips and lines, keys and lights as the test puts them there. */
export class FakeMachine {
  readonly files: SystemFiles;
  readonly machine: Machine;
  /** What gpioinfo would say. */
  namedLines: NamedLine[] = [];
  asked = 0;
  /** What opening a line ends with, as often as it says; a line that is exported can be written here. */
  openErrors: string[] = [];
  readonly exported = new Map<number, 'input' | 'output'>();
  readonly #watchers = new Map<number, (value: 0 | 1) => void>();
  #heard: () => void = () => {};
  #key: number | null = null;

  private constructor(files: SystemFiles) {
    this.files = files;
    this.machine = {
      sysRoot: files.root,
      devRoot: join(files.root, 'dev'),
      openGpio: async () => (number, use, activeLow) => this.#open(number, use, activeLow),
      openReadWatch: async () => {
        const open = await loadEpoll();
        return (onReadable) =>
          open(() => {
            onReadable();
            this.#heard();
          });
      },
      namedLines: async () => {
        this.asked += 1;
        return this.namedLines;
      },
    };
  }

  static async make(t: Test): Promise<FakeMachine> {
    return new FakeMachine(await SystemFiles.make(t));
  }

  /** A chip as /sys/class/gpio has it, with the names that the device tree gives its lines. */
  async chip(base: number, label: string, lines: number, names: readonly string[] = []): Promise<void> {
    const device = `devices/${label}-${base}`;
    const folder = `${device}/gpio/gpiochip${base}`;
    await this.files.write({
      [`${folder}/label`]: label,
      [`${folder}/base`]: base,
      [`${folder}/ngpio`]: lines,
    });
    if (names.length > 0) await nameLines(join(this.files.root, device), names);
    await this.#link(`class/gpio/gpiochip${base}`, folder);
    await this.#link(`${folder}/device`, device);
  }

  /** The same chip as the character device knows it, with the names of a node of its own in the device tree. */
  async device(name: string, label: string, base: number, names: readonly string[] = []): Promise<void> {
    const folder = join(this.files.root, `devices/${label}-${base}`, name);
    await mkdir(folder, { recursive: true });
    if (names.length > 0) await nameLines(folder, names);
    await this.#link(`bus/gpio/devices/${name}`, `devices/${label}-${base}/${name}`);
  }

  async led(name: string, { triggers = 'none [timer] pattern', brightness = 1 } = {}): Promise<void> {
    await this.files.write({
      [`class/leds/${name}/trigger`]: triggers,
      [`class/leds/${name}/brightness`]: 0,
      [`class/leds/${name}/max_brightness`]: brightness,
    });
  }

  /** gpio-keys with one key, and what a keyboard has of it. */
  async key(t: Test, code: number): Promise<void> {
    const words = `${(1n << BigInt(code % 64)).toString(16)}${' 0'.repeat(Math.floor(code / 64))}`;
    await this.files.write({
      'class/input/event0/device/phys': 'usb-3f980000.usb-1/input0',
      'class/input/event0/device/capabilities/key': words,
      'class/input/event1/device/phys': 'gpio-keys/input0',
      'class/input/event1/device/capabilities/key': words,
      'dev/input/event0': '',
    });
    const pipe = join(this.files.root, eventPath);
    execFileSync('mkfifo', [pipe]);
    const key = openSync(pipe, constants.O_RDWR);
    this.#key = key;
    t.teardown(() => closeSync(key));
  }

  /** An event of the key's device, so long ago; resolves once it is heard. */
  async event(type: number, code: number, value: number, ageMs = 0): Promise<void> {
    const event = Buffer.alloc(24);
    const atMs = Date.now() - ageMs;
    event.writeBigInt64LE(BigInt(Math.floor(atMs / 1_000)), 0);
    event.writeBigInt64LE(BigInt(Math.round((atMs % 1_000) * 1_000)), 8);
    event.writeUInt16LE(type, 16);
    event.writeUInt16LE(code, 18);
    event.writeInt32LE(value, 20);
    const heard = new Promise<void>((resolve) => {
      this.#heard = resolve;
    });
    if (this.#key !== null) writeSync(this.#key, event);
    await heard;
  }

  /** Moves the level of a line, as it is on the wire. */
  level(number: number, value: 0 | 1): void {
    writeFileSync(join(this.files.root, `line-${number}`), String(value));
    this.#watchers.get(number)?.(value);
  }

  /** Says how a line of a light is. */
  lightFile(number: number): string {
    return join(this.files.root, `class/gpio/gpio${number}/value`);
  }

  lit(number: number): boolean {
    try {
      return readFileSync(this.lightFile(number), 'utf8').trim() === '1';
    } catch {
      return false; // it is given back
    }
  }

  text(path: string): string {
    return readFileSync(join(this.files.root, path), 'utf8').trim();
  }

  /** What the kernel plays on a light for so long, from when it was last told. */
  played(led: string, forMs: number): Run[] {
    const repeat = Number(this.text(`class/leds/${led}/repeat`));
    return playKernelPattern(this.text(`class/leds/${led}/pattern`), repeat, forMs);
  }

  #open(number: number, use: 'input' | 'output', activeLow: boolean): SysfsGpio {
    const error = this.openErrors.shift();
    if (error !== undefined) throw new Error(error);
    const value = this.lightFile(number);
    execFileSync('mkdir', ['-p', dirname(value)]);
    writeFileSync(value, '0');
    this.exported.set(number, use);
    const logical = (level: 0 | 1): 0 | 1 => (activeLow ? (level === 0 ? 1 : 0) : level);
    return {
      readSync: () => {
        const level = readFileSync(join(this.files.root, `line-${number}`), 'utf8').trim() === '1' ? 1 : 0;
        return logical(level);
      },
      writeSync: (lit) => writeFileSync(value, String(lit)),
      watch: (onEdge) => void this.#watchers.set(number, (level) => onEdge(null, logical(level))),
      unexport: () => {
        this.#watchers.delete(number);
        this.exported.delete(number);
        rmSync(dirname(value), { recursive: true });
      },
    };
  }

  async #link(path: string, target: string): Promise<void> {
    const link = join(this.files.root, path);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(this.files.root, target), link);
  }
}

/** As the kernel shows the property of the device tree. */
async function nameLines(device: string, names: readonly string[]): Promise<void> {
  await mkdir(join(device, 'of_node'), { recursive: true });
  writeFileSync(join(device, 'of_node/gpio-line-names'), names.map((name) => `${name}\0`).join(''));
}
