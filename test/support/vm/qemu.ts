import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { checkout } from '../command.ts';
import { type MachineOptions, qemuCommand } from './machine.ts';
import { QemuMonitor } from './qmp.ts';

/** Where ports of the guest are reached on 127.0.0.1. */
export interface ForwardedPorts {
  http: number;
  ssh: number;
  webrtc: number;
}

/**
 * One QEMU, started in the tool root. It ends with `close`, and with this process, however that ends: each process
 * between the two dies with its parent.
 */
export class Qemu {
  readonly startedAtMs = Date.now();
  readonly #child: ChildProcess;
  readonly #options: MachineOptions;
  #output = '';
  #monitor: QemuMonitor | null = null;

  private constructor(options: MachineOptions) {
    this.#options = options;
    const [program, args] = qemuCommand(options);
    const inToolRoot = [join(checkout, 'image/in-tool-root'), 'nice', '-n', '5', program, ...args];
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', ...inToolRoot], {
      cwd: checkout,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (data) => {
        this.#output = (this.#output + data).slice(-10_000);
      });
  }

  /** Starts one; resolves when its monitor answers, which is before the guest does anything of note. */
  static async start(options: MachineOptions): Promise<Qemu> {
    const qemu = new Qemu(options);
    try {
      qemu.#monitor = await qemu.#openMonitor(60_000);
      return qemu;
    } catch (error) {
      await qemu.close();
      throw new Error(`QEMU did not start: ${(error as Error).message}\n${qemu.#output}`);
    }
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Rejects as soon as QEMU has ended without having been asked to, or the guest has started anew. */
  async untilEnded(signal: AbortSignal): Promise<never> {
    if (this.running) await once(this.#child, 'exit', { signal });
    throw new Error(
      `QEMU has ended: ${this.#output.trim() || 'the guest wanted to start anew, or to be off'}`,
    );
  }

  get monitor(): QemuMonitor {
    if (!this.#monitor) throw new Error('this machine has no monitor');
    return this.#monitor;
  }

  /** QEMU chooses the ports itself, so that nobody comes between. */
  async ports(): Promise<ForwardedPorts> {
    const table = await this.monitor.say('info usernet');
    const portTo = (guestPort: number): number => {
      const line = table
        .split('\n')
        .find((text) => text.includes('HOST_FORWARD') && columns(text)[5] === guestPort);
      if (!line) throw new Error(`port ${guestPort} is not forwarded:\n${table}`);
      return columns(line)[3] ?? 0;
    };
    return { http: portTo(80), ssh: portTo(22), webrtc: portTo(8189) };
  }

  async console(): Promise<string> {
    return await readFile(this.#options.consoleLog, 'latin1').catch(() => '');
  }

  /** Resolves when the guest has switched itself off. @throws Error after `withinMs` */
  async poweredOff(withinMs: number): Promise<void> {
    if (this.running) await once(this.#child, 'exit', { signal: AbortSignal.timeout(withinMs) });
  }

  /** SIGKILL: what a power cut is. May be called twice. */
  async close(): Promise<void> {
    this.#monitor?.close();
    if (!this.running) return;
    const ended = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #openMonitor(withinMs: number): Promise<QemuMonitor> {
    const deadlineMs = Date.now() + withinMs;
    for (;;) {
      try {
        return await QemuMonitor.open(this.#options.monitorSocket);
      } catch (error) {
        if (!this.running || Date.now() > deadlineMs) throw error;
        await delay(50);
      }
    }
  }
}

/** "TCP[HOST_FORWARD]  9  127.0.0.1  40729  10.0.2.15  22  0  0": the numbers in it by column. */
function columns(line: string): number[] {
  return line.trim().split(/\s+/).map(Number);
}
