import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import { onLines } from '#core/runtime/lines.ts';
import { checkout } from './command.ts';
import { LineHost } from './console-host.ts';
import { FakeControl } from './fake-control.ts';
import { Pty } from './pty.ts';
import { shortFolder } from './short-folder.ts';

/** The built daemon on a pseudo-terminal, with a pretended control. */
export class ConsoleDaemon {
  readonly control: FakeControl;
  readonly pty: Pty;
  readonly host: LineHost;
  readonly #child: ChildProcess;
  readonly #logs: string[] = [];
  #onLog: (() => void)[] = [];

  private constructor(control: FakeControl, pty: Pty, path: string) {
    this.control = control;
    this.pty = pty;
    this.host = new LineHost(pty);
    const program = join(checkout, 'dist', 'console.js');
    // Through env(1): the test runner gives Node children of its own NODE_OPTIONS.
    this.#child = spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ONAIR_STATE: dirname(control.socketPath), ONAIR_CONSOLE_PORT: path },
    });
    if (this.#child.stdout)
      onLines(this.#child.stdout, (line) => {
        this.#logs.push(line);
        for (const one of this.#onLog.splice(0)) one();
      });
  }

  /** @param options.port another port than the pseudo-terminal's */
  static async start(t: Test, options: { port?: string; control?: boolean } = {}): Promise<ConsoleDaemon> {
    const folder = await shortFolder(t);
    const control = new FakeControl(folder);
    if (options.control !== false) await control.start();
    t.teardown(() => control.close());
    const pty = await Pty.open(folder);
    t.teardown(() => pty.close());
    const daemon = new ConsoleDaemon(control, pty, options.port ?? pty.path);
    t.teardown(() => daemon.end('SIGKILL'));
    await daemon.logged('ready');
    if (options.port === undefined) await daemon.logged('line open');
    return daemon;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async logged(text: string): Promise<void> {
    while (!this.#logs.some((line) => line.includes(`"${text}"`)))
      await new Promise<void>((resolve) => this.#onLog.push(resolve));
  }

  /** Megabytes: resident, and the share of this process alone. */
  async memory(): Promise<{ residentMb: number; proportionalMb: number }> {
    const text = await readFile(`/proc/${this.pid}/smaps_rollup`, 'utf8');
    const read = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1_024;
    return { residentMb: read('Rss'), proportionalMb: read('Pss') };
  }

  /** Resolves with the milliseconds until it was gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number> {
    const startedAtMs = Date.now();
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill(signal);
      await gone;
    }
    return Date.now() - startedAtMs;
  }
}
