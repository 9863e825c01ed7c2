import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { checkout } from '../command.ts';
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

/** As small as the smallest board. */
const boardMemoryMb = 512;

/**
 * The appliance in QEMU: the shipped root file system, kernel and initrd on a disk of a card's layout, with its button,
 * lights, camera and cable made of kernel modules. A card can be booted again after `close`: it is what a power cut
 * leaves of it.
 */
export class Vm {
  readonly architecture: Architecture;
  readonly folder: string;
  readonly #options: VmOptions;
  #filesFolder = '';
  #qemu: Qemu | null = null;
  #shell: GuestShell | null = null;
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
      const { stdout } = await execute(program, [vm.architecture, folder], {
        cwd: checkout,
        timeout: 3_600_000,
      });
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

  /** Switches it on, with further kernel arguments for this start alone; resolves as soon as QEMU runs. */
  async powerOn(kernelArguments = ''): Promise<void> {
    const cmdline = await readFile(join(this.#filesFolder, 'cmdline.txt'), 'utf8');
    this.#qemu = await Qemu.start({
      architecture: this.architecture,
      filesFolder: this.#filesFolder,
      disk: join(this.folder, 'card.img'),
      kernelArguments: [cmdline.trim(), this.#options.kernelArguments ?? '', kernelArguments]
        .join(' ')
        .trim(),
      memoryMb: this.#options.memoryMb ?? boardMemoryMb,
      consoleLog: join(this.folder, 'console.log'),
      consoleSocket: join(this.folder, 'console'),
      monitorSocket: join(this.folder, 'monitor'),
    });
    this.#ports = await this.#qemu.ports();
    this.#shell = new GuestShell({ folder: this.folder, port: this.#ports.ssh });
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
    this.shell.slowness = Math.min(Math.max(1, tookMs / bootAtRestMs), mostSlowness);
    await this.#describe();
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
