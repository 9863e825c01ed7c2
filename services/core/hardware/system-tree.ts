import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Figures that the kernel shows as small files, below `/sys`, `/proc`, or a tree that stands in for them. */
export class SystemTree {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** The entries of a folder as paths below the root, in order; none where there is no such folder. */
  async list(folder: string): Promise<string[]> {
    const names = await readdir(join(this.#root, folder)).catch(() => []);
    return names.sort().map((name) => join(folder, name));
  }

  /** What a file says, trimmed; null where it can't be read. */
  async text(...path: string[]): Promise<string | null> {
    return await readFile(join(this.#root, ...path), 'utf8').then(
      (text) => text.trim(),
      () => null,
    );
  }

  /** A number that a file says; null where it says none. */
  async number(...path: string[]): Promise<number | null> {
    const text = await this.text(...path);
    const value = text === null || text === '' ? Number.NaN : Number(text);
    return Number.isFinite(value) ? value : null;
  }
}
