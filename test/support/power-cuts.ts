import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';

/** What a card holds at one instant, if only what was synced is certain to be on it. */
export interface CardState {
  /** What was done last: "write settings.json.tmp", "sync .", "rename settings.json.tmp settings.json". */
  operation: string;
  /** Content by file name; what was written and not synced is empty. */
  files: Map<string, string>;
}

/**
 * Watches how one folder is written, as the modules under test do it by `node:fs/promises`, and keeps what a power
 * cut after each operation would leave. A rename counts as done at once, its content only once synced: the worst
 * order in which a file system may do the two.
 */
export class PowerCuts {
  readonly states: CardState[] = [];
  /** Error codes by operation ("rename settings.json.tmp settings.json"): what fails, and with what. */
  readonly failures = new Map<string, string>();
  readonly #folder: string;
  readonly #unsynced = new Set<string>();
  readonly #original = { open: fs.open, rename: fs.rename, copyFile: fs.copyFile };
  readonly #paths = new WeakMap<FileHandle, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  get operations(): string[] {
    return this.states.map(({ operation }) => operation);
  }

  start(): void {
    const { open, rename, copyFile } = this.#original;
    fs.open = async (path, ...rest) => {
      const handle = await open(path, ...rest);
      if (String(path).startsWith(this.#folder)) this.#watch(handle, String(path));
      return handle;
    };
    fs.rename = async (from, to) => {
      const [source, target] = [basename(String(from)), basename(String(to))];
      this.#fail(`rename ${source} ${target}`);
      await rename(from, to);
      if (this.#unsynced.delete(source)) this.#unsynced.add(target);
      else this.#unsynced.delete(target);
      await this.#note(`rename ${source} ${target}`);
    };
    fs.copyFile = async (from, to, mode) => {
      await copyFile(from, to, mode);
      this.#unsynced.add(basename(String(to)));
      await this.#note(`copy ${basename(String(from))} ${basename(String(to))}`);
    };
    syncBuiltinESMExports();
  }

  stop(): void {
    Object.assign(fs, this.#original);
    syncBuiltinESMExports();
  }

  #watch(handle: FileHandle, path: string): void {
    const name = path === this.#folder ? '.' : basename(path);
    this.#paths.set(handle, name);
    const { writeFile, sync } = handle;
    handle.writeFile = async (...content) => {
      this.#fail(`write ${name}`);
      await writeFile.apply(handle, content);
      this.#unsynced.add(name);
      await this.#note(`write ${name}`);
    };
    handle.sync = async () => {
      this.#fail(`sync ${name}`);
      await sync.apply(handle);
      this.#unsynced.delete(name);
      await this.#note(`sync ${name}`);
    };
  }

  #fail(operation: string): void {
    const code = this.failures.get(operation);
    if (code) throw Object.assign(new Error(`${code}: ${operation}`), { code });
  }

  async #note(operation: string): Promise<void> {
    const files = new Map<string, string>();
    for (const name of await fs.readdir(this.#folder)) {
      const lost = this.#unsynced.has(name);
      files.set(name, lost ? '' : await fs.readFile(join(this.#folder, name), 'utf8'));
    }
    this.states.push({ operation, files });
  }
}
