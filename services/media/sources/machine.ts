import { constants } from 'node:fs';
import { open, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What a path turned out to be. `number` is "major:minor" of a character device. */
export type PathKind = { kind: 'missing' | 'denied' | 'file' | 'other' } | { kind: 'device'; number: string };

export type Opening = 'opens' | 'missing' | 'denied' | 'busy';

/**
 * What media wants to know of the machine, below one root: `/`, or a tree of files that stands in for a
 * board in tests.
 */
export class Machine {
  readonly #root: string;

  constructor({ root = '/' } = {}) {
    this.#root = root;
  }

  /** The names in a folder, in order; none where it does not exist. */
  async list(path: string): Promise<string[]> {
    const names = await readdir(join(this.#root, path)).catch(() => []);
    return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  }

  /** A small text file, trimmed; empty where it cannot be read. */
  async text(path: string): Promise<string> {
    const text = await readFile(join(this.#root, path), 'utf8').catch(() => '');
    return text.trim();
  }

  /** Where a symbolic link points, as it is written there; empty where there is none. */
  async link(path: string): Promise<string> {
    return readlink(join(this.#root, path)).catch(() => '');
  }

  /** Looks without opening: there are devices, a watchdog say, that act on being opened. */
  async inspect(path: string): Promise<PathKind> {
    try {
      const status = await stat(join(this.#root, path));
      if (status.isFile()) return { kind: 'file' };
      if (!status.isCharacterDevice()) return { kind: 'other' };
      return { kind: 'device', number: deviceNumber(status.rdev) };
    } catch (error) {
      return { kind: openingOf(error) === 'denied' ? 'denied' : 'missing' };
    }
  }

  /** Opens the path as a pipeline would, and closes it again. */
  async tryOpen(path: string, mode: 'read' | 'read-write'): Promise<Opening> {
    const access = mode === 'read' ? constants.O_RDONLY : constants.O_RDWR;
    try {
      await (await open(join(this.#root, path), access | constants.O_NONBLOCK)).close();
      return 'opens';
    } catch (error) {
      return openingOf(error);
    }
  }
}

function openingOf(error: unknown): Opening {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') return 'denied';
  return code === 'EBUSY' ? 'busy' : 'missing';
}

/** "major:minor" as sysfs writes it (makedev(3), Linux). */
function deviceNumber(rdev: number): string {
  const major = (rdev >>> 8) & 0xfff;
  const minor = (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);
  return `${major}:${minor}`;
}
