import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkout } from './command.ts';

/**
 * The reference WHIP server in a process of its own: libdatachannel keeps a process that had a refused offer alive for
 * ever, and its cleanup() ends it.
 */
export class WhipServer {
  readonly #child: ChildProcess;
  readonly url: string;

  /** @param faults what it does wrong on purpose: `content-type`, `location` */
  static async start(faults: readonly string[] = []): Promise<WhipServer> {
    const program = join(checkout, 'test/support/reference-whip-process.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', program, ...faults], {
      cwd: checkout,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
    return new WhipServer(child, url);
  }

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
