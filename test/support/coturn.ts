import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether Debian's coturn is on this machine. */
export function hasCoturn(): boolean {
  try {
    execFileSync('turnserver', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A TURN server of the test's own, on loopback, with credentials by a shared secret as an operator sets it up. */
export class Coturn {
  /** "turn:127.0.0.1:PORT?transport=udp" */
  readonly url: string;
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(url: string, folder: string, child: ChildProcess) {
    this.url = url;
    this.#folder = folder;
    this.#child = child;
  }

  static async start(secret: string): Promise<Coturn> {
    const folder = await mkdtemp(join(tmpdir(), 'onair-coturn-'));
    const port = await freePort();
    const child = spawn(
      'turnserver',
      [
        ['-n', '--no-cli', '--no-tls', '--no-dtls', '--verbose'],
        ['--listening-ip', '127.0.0.1', '--relay-ip', '127.0.0.1', '--listening-port', String(port)],
        ['--allow-loopback-peers', '--realm', 'onair.test'],
        ['--use-auth-secret', '--static-auth-secret', secret],
        ['--pidfile', join(folder, 'pid'), '--userdb', join(folder, 'turndb')],
        ['--log-file', join(folder, 'log'), '--simple-log'],
      ].flat(),
      { cwd: folder, stdio: 'ignore' },
    );
    const coturn = new Coturn(`turn:127.0.0.1:${port}?transport=udp`, folder, child);
    await coturn.said(/IPv4\. UDP listener opened on/);
    return coturn;
  }

  /** Its log, once it says so; rejects after 10 s. */
  async said(what: RegExp): Promise<string> {
    const deadlineMs = Date.now() + 10_000;
    for (;;) {
      const log = await readFile(join(this.#folder, 'log'), 'utf8').catch(() => '');
      if (what.test(log)) return log;
      if (this.#child.exitCode !== null)
        throw new Error(`turnserver ended with ${this.#child.exitCode}\n${log}`);
      if (Date.now() > deadlineMs) throw new Error(`turnserver never said ${what}\n${log}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill('SIGKILL');
      await gone;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}
