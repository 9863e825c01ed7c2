import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import { BoxLink } from './box-link.ts';
import { type CommandResult, checkout, onairCommand, runOnair } from './command.ts';

/**
 * The whole appliance as `onair demo` runs it: built bundles, free ports, a state directory of its own.
 * Ends with `close`, which fails where a process of it would be left.
 */
export class Appliance {
  readonly stateDirectory: string;
  readonly #demo: ChildProcess;
  readonly #output: string[] = [];
  readonly #link: BoxLink;

  private constructor(stateDirectory: string, demo: ChildProcess) {
    this.stateDirectory = stateDirectory;
    this.#link = new BoxLink(join(stateDirectory, 'control.sock'));
    this.#demo = demo;
    for (const stream of [demo.stdout, demo.stderr])
      stream?.on('data', (data) => this.#output.push(String(data)));
  }

  /** Starts one and waits until all its daemons are there. */
  static async start(
    options: {
      source?: string;
      settings?: object;
      args?: string[];
      environment?: NodeJS.ProcessEnv;
      /** Of an appliance that was closed with `{ keepState: true }`. */
      stateDirectory?: string;
      /** A command that runs another one, such as nsenter. */
      within?: readonly string[];
    } = {},
  ): Promise<Appliance> {
    const stateDirectory = options.stateDirectory ?? (await mkdtemp(join(tmpdir(), 'onair-test-')));
    const args = ['demo', '--port', '0', '--state', stateDirectory, '--source', options.source ?? 'test'];
    const [env, words] = onairCommand([...args, ...(options.args ?? [])]);
    const [program = env, ...rest] = [...(options.within ?? []), env, ...words];
    const demo = spawn(program, rest, {
      cwd: checkout,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ONAIR_STATE: '', ...options.environment },
    });
    const appliance = new Appliance(stateDirectory, demo);
    const ended = new Promise<never>((_, reject) => {
      demo.once('exit', (code) => reject(new Error(`onair demo ended with ${code}`)));
    });
    ended.catch(() => {}); // later, it is the end that was asked for
    const ready = ({ daemons, ports }: LinkStatusBody): boolean =>
      Object.values(daemons).every(({ up }) => up) && ports.webrtc !== null;
    try {
      await Promise.race([appliance.until(ready, 60_000), ended]);
      if (options.settings) await appliance.call('PATCH', '/api/v1/settings', options.settings);
    } catch (error) {
      const logs = await appliance.logs();
      await appliance.close();
      throw new Error(`the appliance did not start: ${error}\n${appliance.output}\n${logs}`);
    }
    return appliance;
  }

  /** What the demo has printed. */
  get output(): string {
    return this.#output.join('');
  }

  get pid(): number | undefined {
    return this.#demo.pid;
  }

  /** "http://127.0.0.1:PORT" */
  async origin(): Promise<string> {
    return `http://127.0.0.1:${(await this.status()).ports.http}`;
  }

  /** The link's status. */
  async status(): Promise<LinkStatusBody> {
    return (await this.call('GET', '/api/v1/status')) as LinkStatusBody;
  }

  /** One call of the API over the link; rejects on 4xx and 5xx with the problem's title. */
  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    return await this.#link.call(method, path, body);
  }

  /** Resolves with the first status (now, or at a change) that satisfies; control may go away meanwhile. */
  async until(satisfied: (status: LinkStatusBody) => boolean, timeoutMs = 10_000): Promise<LinkStatusBody> {
    return await this.#link.until(satisfied, timeoutMs);
  }

  /** Runs `onair` with this appliance as its state. */
  async onair(...args: string[]): Promise<CommandResult> {
    return await runOnair([...args, '--state', this.stateDirectory]);
  }

  /** Presses the virtual button. */
  async press(): Promise<void> {
    const { exitCode, stderr } = await this.onair('press');
    if (exitCode !== 0) throw new Error(`press failed: ${stderr}`);
  }

  /** Ends one daemon with SIGKILL; returns the pid it had. */
  async kill(daemon: string): Promise<number> {
    const pid = (await this.status()).daemons[daemon]?.pid;
    if (!pid) throw new Error(`${daemon} has no pid`);
    process.kill(pid, 'SIGKILL');
    return pid;
  }

  /** The daemons' logs, for a failing test. */
  async logs(): Promise<string> {
    const names = ['control', 'media', 'egress', 'panel', 'console', 'outputs', 'update'];
    const texts = names.map(async (name) => {
      const text = await readFile(join(this.stateDirectory, 'logs', `${name}.log`), 'utf8').catch(() => '');
      return `── ${name}\n${text.slice(-4_000)}`;
    });
    return (await Promise.all(texts)).join('\n');
  }

  /** Ends (Ctrl-C unless another signal is named); resolves with the milliseconds it took. */
  async close(
    options: { keepState?: boolean; signal?: 'SIGINT' | 'SIGTERM' | 'SIGKILL' } = {},
  ): Promise<number> {
    const startedAtMs = Date.now();
    if (this.#demo.exitCode === null && this.#demo.signalCode === null) {
      const gone = new Promise((resolve) => this.#demo.once('exit', resolve));
      this.#demo.kill(options.signal ?? 'SIGINT');
      await gone;
    }
    const tookMs = Date.now() - startedAtMs;
    if (!options.keepState) await rm(this.stateDirectory, { recursive: true, force: true });
    return tookMs;
  }
}
