import { chmod, copyFile, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Adapter } from 'lowdb';
import { SerialQueue } from '#core/domain/serial-queue.ts';
import { writeWhole } from '#core/runtime/write-whole.ts';
import { readHandwrittenJson } from './handwritten-json.ts';

/** What was wrong with a file that could not be used, for the log and for people. */
export interface TornFile {
  path: string;
  /** Without a quotation of what is in it. */
  problem: string;
  /** It could not be read at all, or holds nothing: the card is to blame, or a power cut, and no person. */
  unreadable: boolean;
}

interface Deps<Data> {
  path: string;
  check: (value: unknown) => Data;
  onTorn: (torn: TornFile) => void;
}

/**
 * A lowdb adapter that survives a power cut at any instant: lowdb's own one does not sync. The new text goes
 * to an exclusive temporary file, is synced, takes the old one's place (which stays as `.bak`), and the folder
 * is synced; only then is `write` acknowledged. A torn file falls back to the backup and says so.
 */
export class DurableFile<Data> implements Adapter<Data> {
  readonly #deps: Deps<Data>;
  readonly #queue = new SerialQueue();

  /**
   * @param deps.path the JSON file; beside it live `.bak` and, while writing, `.tmp`
   * @param deps.check makes the value of what was parsed, or throws saying what is wrong with it
   * @param deps.onTorn told of each file that was there and unusable
   */
  constructor(deps: Deps<Data>) {
    this.#deps = deps;
  }

  /** The stored value, else the backup's, else null; what can't be used is kept aside as `.unusable`. */
  async read(): Promise<Data | null> {
    const stored = await this.#readOne(this.#deps.path);
    if (stored !== null && stored !== 'unusable') return stored.data;
    if (stored === 'unusable') await copyFile(this.#deps.path, `${this.#deps.path}.unusable`).catch(() => {});
    const backup = await this.#readOne(`${this.#deps.path}.bak`);
    return backup !== null && backup !== 'unusable' ? backup.data : null;
  }

  /** Resolves once the data would survive a power cut; writes happen one after the other. */
  write(data: Data): Promise<void> {
    const text = `${JSON.stringify(data, null, 2)}\n`;
    return this.#queue.run(() => this.#replace(text));
  }

  /** Null where there is no file. */
  async #readOne(path: string): Promise<{ data: Data } | 'unusable' | null> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
      await chmod(path, 0o600).catch(() => {}); // it may have been put there readable by all
    } catch (error) {
      if (isMissing(error)) return null;
      this.#deps.onTorn({ path, problem: String(error), unreadable: true });
      return 'unusable';
    }
    try {
      return { data: this.#deps.check(readHandwrittenJson(text)) };
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.#deps.onTorn({ path, problem, unreadable: problem.startsWith('it holds no text') });
      return 'unusable';
    }
  }

  async #replace(text: string): Promise<void> {
    await mkdir(dirname(this.#deps.path), { recursive: true, mode: 0o700 });
    if (await this.#isUsable()) await this.#backUp();
    await writeWhole(this.#deps.path, text);
  }

  /** A torn file must not take the place of a good backup. */
  async #isUsable(): Promise<boolean> {
    try {
      this.#deps.check(readHandwrittenJson(await readFile(this.#deps.path, 'utf8')));
      return true;
    } catch {
      return false;
    }
  }

  async #backUp(): Promise<void> {
    const temporary = `${this.#deps.path}.bak.tmp`;
    await copyFile(this.#deps.path, temporary);
    const file = await open(temporary, 'r');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, `${this.#deps.path}.bak`);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
