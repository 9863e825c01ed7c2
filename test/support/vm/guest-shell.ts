import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface GuestResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** A root shell in the guest: ssh with the key that its onair.toml names, over one connection that is kept. */
export class GuestShell {
  /** How many times slower this machine emulates than one at rest, by its boot; all bounds of the tests follow it. */
  slowness = 1;
  readonly #folder: string;
  readonly #port: number;

  /** @param options.folder where the private key `key` is, and the connection's socket goes */
  constructor(options: { folder: string; port: number }) {
    this.#folder = options.folder;
    this.#port = options.port;
  }

  /** ssh's arguments up to the command. */
  get arguments(): string[] {
    const options = {
      StrictHostKeyChecking: 'no',
      UserKnownHostsFile: '/dev/null',
      LogLevel: 'ERROR',
      BatchMode: 'yes',
      ConnectTimeout: '60',
      ControlMaster: 'auto',
      ControlPath: join(this.#folder, 'ssh'),
      ControlPersist: '600',
      ServerAliveInterval: '30',
    };
    const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    return [
      '-F',
      'none',
      '-i',
      join(this.#folder, 'key'),
      '-p',
      String(this.#port),
      ...flags,
      'root@127.0.0.1',
    ];
  }

  /** A bound for this machine. @param ms what it takes on a machine at rest, with all the time that a test would give */
  within(ms: number): number {
    return Math.ceil(ms * this.slowness);
  }

  /** Resolves when the guest lets us in; it may still be starting. @throws Error after `withinMs` */
  async reached(withinMs: number): Promise<void> {
    const deadlineMs = Date.now() + withinMs;
    for (;;) {
      const { exitCode, stderr } = await this.try('true', { withinMs: 90_000 });
      if (exitCode === 0) return;
      if (Date.now() > deadlineMs) throw new Error(`the guest lets nobody in by ssh: ${stderr}`);
      await delay(500);
    }
  }

  /** Runs a script in the guest's sh; `input` goes to its standard input. The bound follows the machine. */
  async try(script: string, { withinMs = 60_000, input = '' as string | Buffer } = {}): Promise<GuestResult> {
    const child = this.start(script);
    const boundMs = this.within(withinMs);
    const timer = setTimeout(() => child.kill('SIGKILL'), boundMs);
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output.stderr += text;
    });
    child.stdin.on('error', () => {}); // a script that does not read
    child.stdin.end(input);
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    clearTimeout(timer);
    if (signal) output.stderr += `\nnot done within ${boundMs} ms`;
    return { exitCode: code ?? -1, ...output };
  }

  /** What the script printed, without the last line's end. @throws Error where it fails */
  async run(script: string, options: { withinMs?: number; input?: string | Buffer } = {}): Promise<string> {
    const { exitCode, stdout, stderr } = await this.try(script, options);
    if (exitCode !== 0)
      throw new Error(`in the guest, "${script}" ended with ${exitCode}: ${stderr}${stdout}`);
    return stdout.trimEnd();
  }

  /**
   * Makes a socket of the guest available on this machine, so that the guest need not start a program for each request.
   * @returns where it is here @throws Error where the guest cannot be reached
   */
  async forwarded(socket: string): Promise<string> {
    const here = join(this.#folder, basename(socket));
    if (await listens(here)) return here;
    await rm(here, { force: true });
    await this.run('true'); // there is a connection to add it to
    const child = spawn('ssh', ['-O', 'forward', '-L', `${here}:${socket}`, ...this.arguments], {
      stdio: 'ignore',
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`ssh does not forward ${socket}: exit code ${code}`);
    return here;
  }

  /** A command that goes on; who starts it ends it. */
  start(script: string): ChildProcessWithoutNullStreams {
    return spawn('ssh', [...this.arguments, script]);
  }

  /** Ends the connection that was kept. */
  async close(): Promise<void> {
    const child = spawn('ssh', ['-O', 'exit', ...this.arguments], { stdio: 'ignore' });
    await once(child, 'close');
  }
}

function listens(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.on('error', () => resolve(false));
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
