import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether a program is on this machine. */
export function hasProgram(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A port of TCP and, most likely, of UDP that nobody had on loopback just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/** A server of somebody else's for one test, in a folder of its own. */
export class ServerProgram {
  readonly #folder: string;
  readonly #child: ChildProcess;
  #printed = '';
  readonly #waiting: (() => void)[] = [];

  private constructor(folder: string, child: ChildProcess) {
    this.#folder = folder;
    this.#child = child;
    const wake = (): void => {
      for (const one of this.#waiting.splice(0)) one();
    };
    child.stdout?.on('data', (data) => {
      this.#printed += data;
      wake();
    });
    child.once('exit', wake);
  }

  /**
   * @param argsIn its arguments, where it may keep things in a folder
   * @param ready what it prints once it serves
   */
  static async start(
    program: string,
    argsIn: (folder: string) => readonly string[],
    ready: RegExp,
  ): Promise<ServerProgram> {
    const folder = await mkdtemp(join(tmpdir(), 'onair-server-'));
    const child = spawn(program, argsIn(folder), { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    const server = new ServerProgram(folder, child);
    await server.said(ready);
    return server;
  }

  /** All that it has printed, once that says so; rejects at its end. */
  async said(what: RegExp): Promise<string> {
    while (!what.test(this.#printed)) {
      if (this.#hasEnded) throw new Error(`it ended and never said ${what}\n${this.#printed}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.#printed;
  }

  async close(): Promise<void> {
    if (!this.#hasEnded) {
      const gone = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill('SIGKILL');
      await gone;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
