import { type Dirent, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { readElf } from './elf.ts';

/** All files below a folder of a tree, as paths relative to the tree; symbolic links are not followed. */
export function filesBelow(tree: string, folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(join(tree, folder), { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(tree, path) : [path];
    });
}

/** Where each library name is found: the name as linked → path in the tree. */
export function librariesByName(tree: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const path of filesBelow(tree, 'usr/lib')) {
    const name = basename(path);
    if (/\.so(\.|$)/.test(name) && !path.includes('/gstreamer-1.0/') && !found.has(name))
      found.set(name, path);
  }
  return found;
}

/** The files given, and every library that they are linked with: real paths, relative to the tree. */
export function linkedClosure(tree: string, roots: Iterable<string>): Set<string> {
  const libraries = librariesByName(tree);
  const found = new Set<string>();
  const open = [...roots];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const real = realIn(tree, path);
    if (real === undefined || found.has(real)) continue;
    const elf = readElf(readFileSync(join(tree, real)));
    if (elf === undefined) continue;
    found.add(real);
    for (const name of elf.needed) {
      const library = libraries.get(name);
      if (library !== undefined) open.push(library);
    }
  }
  return found;
}

/**
 * Where a path leads, relative to the tree, taking the tree for `/`; undefined for links that lead nowhere.
 */
export function realIn(tree: string, path: string): string | undefined {
  let at = path;
  try {
    for (let hops = 0; hops < 16; hops++) {
      const folder = relative(realpathSync(tree), realpathSync(join(tree, dirname(at))));
      at = join(folder, basename(at));
      if (!lstatSync(join(tree, at)).isSymbolicLink()) return at;
      const target = readlinkSync(join(tree, at));
      at = target.startsWith('/') ? target.slice(1) : join(folder, target);
    }
  } catch {
    // A link that leads nowhere.
  }
  return undefined;
}
