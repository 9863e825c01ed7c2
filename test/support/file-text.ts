import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Resolves once a file of an ordinary folder says this; the kernel's own files tell nobody of their changes. */
export async function fileSays(path: string, text: string): Promise<void> {
  let changed = (): void => {};
  const watcher = watch(dirname(path), () => changed());
  try {
    for (;;) {
      const change = new Promise<void>((resolve) => {
        changed = resolve;
      });
      if ((await readFile(path, 'utf8')).trim() === text) return;
      await change;
    }
  } finally {
    watcher.close();
  }
}
