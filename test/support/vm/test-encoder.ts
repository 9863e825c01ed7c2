import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkout } from '../command.ts';
import type { GuestShell } from './guest-shell.ts';
import type { Vm } from './vm.ts';

const execute = promisify(execFile);
const driver = '/sys/bus/platform/drivers/onair-h264enc';
const parameters = '/sys/module/onair_h264enc/parameters';

/** How it may be told to die. */
export const death = { none: 0, qbufFails: 1, streamonFails: 2, dqbufHangs: 3 } as const;

/** Parameters of the module; image/vm/encoder/device.c says what each means. */
export interface EncoderSwitches {
  death?: (typeof death)[keyof typeof death];
  death_after?: number;
  deaths?: number;
  single?: 0 | 1;
  no_force_key_frame?: 0 | 1;
  max_level?: number;
  only_width?: number;
  only_height?: number;
}

type EncoderReading =
  | 'users'
  | 'pictures'
  | 'key_frames'
  | 'forced'
  | 'bitrate'
  | 'period'
  | 'level'
  | 'profile'
  | 'died_ms';

/** The guest's hardware encoder, which is none: a kernel module (image/vm/encoder) with switches for its misfortunes. */
export class TestEncoder {
  readonly #shell: GuestShell;

  private constructor(shell: GuestShell) {
    this.#shell = shell;
  }

  /** Compiles it for the guest's kernel, and puts it with all it needs into the guest's /run, not yet loaded. */
  static async bring(vm: Vm): Promise<TestEncoder> {
    const program = join(checkout, 'image/vm/encoder-module');
    const modules = join(vm.filesFolder, 'modules');
    const { stdout } = await execute(program, [vm.architecture, modules], { timeout: 600_000 });
    const folder = stdout.trim();
    await vm.shell.run('mkdir -p /run/test-encoder');
    for (const name of (await readdir(folder)).sort()) {
      const input = await readFile(join(folder, name));
      await vm.shell.run(`cat >/run/test-encoder/${name}`, { input });
    }
    return new TestEncoder(vm.shell);
  }

  /** Plugs it in, as a device with these faults. */
  async load(switches: EncoderSwitches = {}): Promise<void> {
    const words = Object.entries(switches).map(([name, value]) => `${name}=${value}`);
    await this.#shell.run(`cd /run/test-encoder
      for module in *.ko; do
        name=$(echo "$module" | sed 's/^[0-9]*-//; s/\\.ko$//; s/-/_/g')
        [ -d "/sys/module/$name" ] || case $module in
          *onair-h264enc.ko) insmod "$module" ${words.join(' ')} || exit ;;
          *) insmod "$module" || exit ;;
        esac
      done
      udevadm settle -t 60`);
  }

  /** Takes it away, with its driver; nobody may be using it. */
  async unload(): Promise<void> {
    await this.#shell.run(
      '[ ! -d /sys/module/onair_h264enc ] || for _ in $(seq 100); do rmmod onair_h264enc 2>/dev/null && exit; sleep 0.2; done; [ ! -d /sys/module/onair_h264enc ]',
    );
  }

  /** Pulls it out, whoever uses it. */
  async unplug(): Promise<void> {
    await this.#shell.run(`echo onair-h264enc >${driver}/unbind`);
  }

  async plug(): Promise<void> {
    await this.#shell.run(`echo onair-h264enc >${driver}/bind; udevadm settle -t 60`);
  }

  async switch(switches: EncoderSwitches): Promise<void> {
    const lines = Object.entries(switches).map(([name, value]) => `echo ${value} >${parameters}/${name}`);
    await this.#shell.run(lines.join(' && '));
  }

  /** What it was asked for, and has done. */
  async read(): Promise<Record<EncoderReading, number>> {
    const text = await this.#shell.run(`cd ${parameters} && grep . *`);
    return Object.fromEntries(
      text.split('\n').map((line) => {
        const [name, value] = line.split(':');
        return [name, Number(value)];
      }),
    ) as Record<EncoderReading, number>;
  }

  /** Resolves once a condition over its readings holds: shell arithmetic with their names. @throws Error after `withinMs` */
  async until(condition: string, withinMs = 60_000): Promise<Record<EncoderReading, number>> {
    const script = `cd ${parameters} || exit
      deadline=$(($(date +%s%3N) + ${this.#shell.within(withinMs)}))
      while [ $(date +%s%3N) -lt $deadline ]; do
        for name in users pictures key_frames forced bitrate period level profile died_ms; do read -r "$name" <"$name"; done
        [ $((${condition})) -eq 0 ] || exit 0
        sleep 0.1
      done; exit 1`;
    const { exitCode } = await this.#shell.try(script, { withinMs: withinMs + 30_000 });
    const readings = await this.read();
    if (exitCode !== 0)
      throw new Error(
        `the encoder was not ${condition} within ${withinMs} ms, but ${JSON.stringify(readings)}`,
      );
    return readings;
  }
}
