import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { checkout } from '../command.ts';
import { type Boot, readCard } from './firmware.ts';
import { GuestShell } from './guest-shell.ts';
import type { Architecture } from './machine.ts';
import { type ForwardedPorts, Qemu } from './qemu.ts';

const execute = promisify(execFile);

export interface VmOptions {
  architecture?: Architecture;
  /** The content of onair.toml; a line with the test's SSH key is put before it. */
  onairToml?: string;
  /** Further kernel arguments. */
  kernelArguments?: string;
  memoryMb?: number;
  /** The system is in both places of the card: an update may have a boot partition alone. */
  bothSystems?: boolean;
}

interface Running {
  architecture: Architecture;
  filesFolder: string;
  ports: ForwardedPorts;
  /** See GuestShell. */
  slowness: number;
}

/** ARCH=amd64 makes all of it boot that, which is quicker to emulate on such a machine. */
export function architectureWanted(): Architecture {
  return process.env.ARCH === 'amd64' ? 'amd64' : 'arm64';
}

/** From switching it on to the end of its start, on two cores at rest. */
const bootAtRestMs = 40_000;
/** Beyond this a bound says nothing any more. */
const mostSlowness = 10;

/** What the console shows once systemd runs, which feeds the watchdog from then on. */
const userSpaceBegins = 'Welcome to ';
/** What it shows at the end where the guest has set the firmware's flag. */
const tryOther = 'firmware: 0 tryboot';

/** As small as the smallest board. */
const boardMemoryMb = 512;

/**
 * The appliance in QEMU: the shipped root file system, kernel and initrd on a disk of a card's layout, with its button,
 * lights, camera and cable made of kernel modules; `firmware.ts` chooses what of the card is started. A card can be booted again
 * after `close`: it is what a power cut leaves of it.
 */
export class Vm {
  readonly architecture: Architecture;
  readonly folder: string;
  readonly #options: VmOptions;
  #filesFolder = '';
  #qemu: Qemu | null = null;
  #shell: GuestShell | null = null;
  #boot: Boot | null = null;
  /** By its last start. */
  #slowness = 1;
  #ports: ForwardedPorts = { http: 0, ssh: 0, webrtc: 0 };

  private constructor(folder: string, options: VmOptions) {
    this.folder = folder;
    this.#options = options;
    this.architecture = options.architecture ?? architectureWanted();
  }

  /** A box with a new card, switched off. */
  static async create(options: VmOptions = {}): Promise<Vm> {
    const folder = await mkdtemp(join(tmpdir(), 'onair-vm-'));
    const vm = new Vm(folder, options);
    try {
      await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', join(folder, 'key')]);
      const key = (await readFile(join(folder, 'key.pub'), 'utf8')).trim();
      await writeFile(join(folder, 'onair.toml'), `ssh_key = "${key}"\n${options.onairToml ?? ''}`);
      const program = join(checkout, 'image/vm/card');
      const { stdout } = await execute(
        program,
        [vm.architecture, folder, ...(options.bothSystems ? ['both'] : [])],
        {
          cwd: checkout,
          timeout: 3_600_000,
        },
      );
      vm.#filesFolder = stdout.trim();
      return vm;
    } catch (error) {
      await vm.remove();
      throw error;
    }
  }

  get qemu(): Qemu {
    if (!this.#qemu) throw new Error('this box is switched off');
    return this.#qemu;
  }

  get shell(): GuestShell {
    if (!this.#shell) throw new Error('this box is switched off');
    return this.#shell;
  }

  /** What it was started from: image/vm/files says what is in it. */
  get filesFolder(): string {
    return this.#filesFolder;
  }

  /** "http://127.0.0.1:PORT" */
  get origin(): string {
    return `http://127.0.0.1:${this.#ports.http}`;
  }

  get ports(): ForwardedPorts {
    return this.#ports;
  }

  /** The boot partition that it was started from. */
  get partition(): number {
    if (!this.#boot) throw new Error('this box is switched off');
    return this.#boot.partition;
  }

  /**
   * Switches it on, with further kernel arguments for this start alone; resolves as soon as QEMU runs.
   *
   * @param options.tryboot the flag with which a kernel asks the firmware for one start of the other system
   */
  async powerOn(kernelArguments = '', { tryboot = false } = {}): Promise<void> {
    const disk = join(this.folder, 'card.img');
    const boot = await readCard(disk, this.folder, { tryboot });
    this.#boot = boot;
    const ofVm = await readFile(join(this.#filesFolder, 'arguments'), 'utf8');
    this.#qemu = await Qemu.start({
      architecture: this.architecture,
      kernel: boot.kernel,
      initrd: boot.initrd,
      filesFolder: this.#filesFolder,
      disk,
      kernelArguments: [boot.cmdline, ofVm.trim(), this.#options.kernelArguments ?? '', kernelArguments]
        .join(' ')
        .trim(),
      memoryMb: this.#options.memoryMb ?? boardMemoryMb,
      slowness: this.#slowness,
      consoleLog: join(this.folder, 'console.log'),
      consoleSocket: join(this.folder, 'console'),
      monitorSocket: join(this.folder, 'monitor'),
    });
    this.#ports = await this.#qemu.ports();
    this.#shell = new GuestShell({ folder: this.folder, port: this.#ports.ssh });
    this.#shell.slowness = this.#slowness;
    await this.#describe();
  }

  /** For `attach`. */
  async #describe(): Promise<void> {
    const { architecture, filesFolder } = this;
    const { slowness } = this.shell;
    const running: Running = { architecture, filesFolder, ports: this.#ports, slowness };
    await writeFile(join(this.folder, 'running.json'), JSON.stringify(running));
  }

  /** A box that another process has switched on, and switches off. */
  static async attach(folder: string): Promise<Vm> {
    const { architecture, filesFolder, ports, slowness } = JSON.parse(
      await readFile(join(folder, 'running.json'), 'utf8'),
    ) as Running;
    const vm = new Vm(folder, { architecture });
    vm.#filesFolder = filesFolder;
    vm.#ports = ports;
    vm.#shell = new GuestShell({ folder, port: ports.ssh });
    vm.#shell.slowness = slowness;
    return vm;
  }

  /**
   * Resolves when the guest has done all that belongs to its start. How long that took says how fast this machine is.
   * @throws Error after `withinMs`
   */
  async started(withinMs: number): Promise<void> {
    const deadlineMs = Date.now() + withinMs;
    const reached = new AbortController();
    const ended = this.qemu.untilEnded(reached.signal);
    ended.catch(() => {});
    try {
      await Promise.race([this.shell.reached(withinMs), ended]);
    } finally {
      reached.abort();
    }
    const leftMs = Math.max(10_000, deadlineMs - Date.now());
    // "degraded" is an end too: the tests say what of.
    await this.shell.try('systemctl is-system-running --wait', { withinMs: leftMs });
    const tookMs = Date.now() - this.qemu.startedAtMs;
    this.#slowness = Math.min(Math.max(1, tookMs / bootAtRestMs), mostSlowness);
    this.shell.slowness = this.#slowness;
    await this.#describe();
  }

  /**
   * Resolves when the guest has restarted, by itself or by the firmware's watchdog, and runs again from what the firmware starts
   * then.
   *
   * @throws Error after `withinMs`
   */
  async restarted(withinMs: number): Promise<void> {
    const { qemu, shell } = this;
    const hangsAfterMs = this.#boot?.kernelWatchdogMs ?? null;
    const saysSo = (text: string) => async () => (await qemu.console()).includes(text);
    const isFed = saysSo(userSpaceBegins);
    const watchdog =
      hangsAfterMs === null
        ? undefined
        : setTimeout(() => {
            void isFed().then((fed) => (fed ? undefined : qemu.close()));
          }, shell.within(hangsAfterMs));
    try {
      await qemu.poweredOff(shell.within(withinMs));
    } finally {
      clearTimeout(watchdog);
    }
    const tryboot = await saysSo(tryOther)();
    await this.cutPower();
    await this.powerOn('systemd.show_status=1', { tryboot });
  }

  /** From now until its next start the guest's kernel can set the firmware's flag for one start of the other system. */
  async giveTryboot(): Promise<void> {
    const folder = '/usr/lib/systemd/system-shutdown';
    await this.shell.run(
      `mkdir -p ${folder}; cat >${folder}/vm-firmware; chmod 755 ${folder}/vm-firmware; : >/usr/lib/onair-image/tryboot`,
      {
        input:
          '#!/bin/sh\nread -r flag </run/systemd/reboot-param && echo "firmware: $flag" >/dev/console\nexit 0\n',
      },
    );
  }

  /** Switches it off as its own commands do; the card keeps everything. */
  async powerOff(withinMs = 180_000): Promise<void> {
    await this.shell.try('systemctl poweroff', { withinMs: 60_000 });
    await this.qemu.poweredOff(this.shell.within(withinMs));
    await this.cutPower();
  }

  /** Pulls the plug: SIGKILL on a raw disk. What the guest had not written is lost. */
  async cutPower(): Promise<void> {
    await this.#qemu?.close();
    this.#qemu = null;
    await this.#shell?.close();
    this.#shell = null;
  }

  /** The end of the serial console's output, as text. */
  async consoleTail(lines = 60): Promise<string> {
    const text = await readFile(join(this.folder, 'console.log'), 'latin1').catch(() => '');
    return stripVTControlCharacters(text).replaceAll('\r', '').split('\n').slice(-lines).join('\n');
  }

  /** Switches it off the hard way and throws the card away. May be called twice. */
  async remove(): Promise<void> {
    await this.cutPower();
    await rm(this.folder, { recursive: true, force: true });
  }
}
