import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import { BoxLink } from './box-link.ts';
import { checkout } from './command.ts';
import { shortFolder } from './short-folder.ts';

/** dist/control.js alone, as it ships, with a state folder of the test's; ended with the test. */
export class BareControl {
  readonly folder: string;
  readonly box: BoxLink;
  readonly #printed: string[] = [];
  #child: ChildProcess | null = null;

  private constructor(folder: string) {
    this.folder = folder;
    this.box = new BoxLink(join(folder, 'control.sock'));
  }

  /** @param stored what settings.json holds besides the identities */
  static async make(t: Test, stored: object = {}): Promise<BareControl> {
    const folder = await shortFolder(t);
    const control = new BareControl(folder);
    await mkdir(folder, { recursive: true });
    await control.store(stored);
    t.teardown(() => {
      control.#child?.kill('SIGKILL');
      if (!t.passing()) t.comment(control.printed.slice(-6_000));
    });
    return control;
  }

  /** Writes settings.json. */
  async store(settings: object): Promise<void> {
    await writeFile(
      join(this.folder, 'settings.json'),
      JSON.stringify({
        version: 1,
        ...settings,
        device: { id: 'box-1', name: 'Box' },
        broadcast: { streamId: '6c9ff6a6-2f65-4d5a-9d1b-6c8d6d6f0a11' },
      }),
    );
  }

  get printed(): string {
    return this.#printed.join('');
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * @param prefix a command that runs another one
   * @param root the folder with dist/
   */
  start(
    environment: NodeJS.ProcessEnv = {},
    prefix: readonly string[] = [],
    root: string = checkout,
  ): ChildProcess {
    const [program = '', ...args] = [...prefix, process.execPath, join(root, 'dist', 'control.js')];
    const child = spawn(program, args, {
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        ONAIR_STATE: this.folder,
        ONAIR_BOARD: 'virtual',
        ONAIR_HTTP_PORT: '0',
        ONAIR_HTTP_HOST: '127.0.0.1',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (data) => this.#printed.push(String(data)));
    this.#child = child;
    return child;
  }

  /** SIGTERM, as systemd stops it; resolves with its exit code. */
  async stop(): Promise<number | null> {
    const child = this.#child;
    if (child === null || child.exitCode !== null) return child?.exitCode ?? null;
    const code = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    return await code;
  }
}
