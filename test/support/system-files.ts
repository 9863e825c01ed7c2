import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';

/** A tree that stands in for /sys or /proc: files by their path below it. Removed when the test ends. */
export class SystemFiles {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async make(
    t: Pick<Test, 'teardown'>,
    files: Record<string, string | number> = {},
  ): Promise<SystemFiles> {
    const root = await mkdtemp(join(tmpdir(), 'onair-sys-'));
    t.teardown(() => rm(root, { recursive: true, force: true }));
    const tree = new SystemFiles(root);
    await tree.write(files);
    return tree;
  }

  /** As the kernel shows them, with a line end. */
  async write(files: Record<string, string | number>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(this.root, path)), { recursive: true });
      await writeFile(join(this.root, path), `${content}\n`);
    }
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.root, path), { recursive: true, force: true });
  }
}
