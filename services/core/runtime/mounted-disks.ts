import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** USB disks that are plugged in: folders on which another file system is mounted. */
export async function mountedDisks(disksDirectory: string): Promise<string[]> {
  const names = await readdir(disksDirectory).catch(() => []);
  const own = await stat(disksDirectory).catch(() => null);
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(disksDirectory, name);
      const there = await stat(path).catch(() => null);
      return there?.isDirectory() && there.dev !== own?.dev ? path : null;
    }),
  );
  return found.flatMap((path) => (path === null ? [] : [path])).sort();
}
