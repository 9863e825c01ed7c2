import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type InstalledPackage, readStatus } from '../describe/debian-status.ts';

const records = 'var/lib/dpkg';

/** dpkg's records of a tree: what is installed, and which files came with it. */
export class PackageRecords {
  readonly installed: InstalledPackage[];
  readonly #tree: string;

  constructor(tree: string) {
    this.#tree = tree;
    this.installed = readStatus(readFileSync(join(tree, records, 'status'), 'utf8'));
  }

  /** The paths that came with a package, relative to the tree, folders too. */
  pathsOf(name: string): string[] {
    const list = this.#recordsOf(name).find((file) => file.endsWith('.list'));
    if (list === undefined) return [];
    const paths = readFileSync(join(this.#tree, records, 'info', list), 'utf8').split('\n');
    // Since /lib and /bin are links into /usr, old paths mean the new ones.
    return paths
      .map((path) => path.replace(/^\/(?=(?:lib|bin|sbin)\/)/, '/usr/').slice(1))
      .filter((path) => path !== '' && path !== '.');
  }

  /** Takes packages out of the records, as if they had never been installed. */
  forget(names: ReadonlySet<string>): void {
    for (const name of names) {
      for (const file of this.#recordsOf(name)) rmSync(join(this.#tree, records, 'info', file));
    }
    const kept = this.installed.filter(({ name }) => !names.has(name));
    writeFileSync(join(this.#tree, records, 'status'), kept.map(({ text }) => `${text}\n\n`).join(''));
  }

  #recordsOf(name: string): string[] {
    const folder = join(this.#tree, records, 'info');
    if (!existsSync(folder)) return [];
    const pattern = new RegExp(`^${name.replace(/[.+]/g, '\\$&')}(?::[a-z0-9]+)?\\.[a-z]+$`);
    return readdirSync(folder).filter((file) => pattern.test(file));
  }
}
