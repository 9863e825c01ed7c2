/**
 * Makes a system as small as a box needs it. Run on the unpacked system, before it becomes an image:
 *   node --import tsx image/slim/main.ts TREE ROOT-PACKAGE,ROOT-PACKAGE…
 * The root packages are what the system is made of; of what only GStreamer's plugins asked for, that stays which the
 * plugins that stay are linked with. Says what went.
 */
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { filesBelow, linkedClosure, realIn } from './linked-closure.ts';
import { mediaLeftovers, mediaPackages } from './media-leftovers.ts';
import { PackageRecords } from './package-records.ts';
import { listIn, pathMatcher } from './word-list.ts';

const [tree = '', roots = ''] = process.argv.slice(2);
if (tree === '' || roots === '' || !existsSync(join(tree, 'usr/bin'))) {
  console.error('slim: main.ts TREE ROOT-PACKAGE,ROOT-PACKAGE…');
  process.exit(2);
}

const remove = (path: string): void => rmSync(join(tree, path), { recursive: true, force: true });
const pluginsIn = (folder: string): string[] =>
  filesBelow(tree, folder).filter((path) => path.includes('/gstreamer-1.0/libgst'));

// 1. Plugins that nobody asks for.
const keptNames = new Set(listIn('gstreamer-plugins.txt').map((name) => `libgst${name}.so`));
for (const path of pluginsIn('usr/lib')) if (!keptNames.has(basename(path))) remove(path);

// 2. What only they were linked with, and the packages of which nothing is left then.
const records = new PackageRecords(tree);
const ownNeeds = records.installed
  .filter(({ name }) => name === 'onair')
  .flatMap(({ depends }) => depends.flat());
const media = mediaPackages(
  records.installed,
  [...roots.split(','), ...ownNeeds].filter((name) => !name.startsWith('gstreamer1.0-')),
);
const mediaNames = new Set(media.map(({ name }) => name));
const linkableOf = (name: string): string[] => records.pathsOf(name).filter(isLinkable);
const isOpened = pathMatcher(listIn('opened-libraries.txt'));
const linked = linkedClosure(tree, [
  ...pluginsIn('usr/lib'),
  ...filesBelow(tree, 'usr/lib').filter(isOpened),
  ...records.installed.flatMap(({ name }) => (mediaNames.has(name) ? [] : linkableOf(name))),
  ...['gstreamer1.0-tools', 'libgstreamer1.0-0'].flatMap(linkableOf),
]);
const leftovers = mediaLeftovers(media, linkableOf, linked);
const dropped = new Set(leftovers.packages);
const staying = new Set(
  records.installed.flatMap(({ name }) => (dropped.has(name) ? [] : records.pathsOf(name))),
);
for (const path of leftovers.files) remove(path);
for (const path of leftovers.packages.flatMap((name) => records.pathsOf(name))) {
  if (!staying.has(path) && !isFolder(path)) remove(path);
}
records.forget(dropped);

// 3. What no box needs, whatever it came in; with the kernel's modules goes their index, which depmod makes again.
const isUnwanted = pathMatcher(listIn('unwanted-files.txt'));
const isUnwantedModule = pathMatcher(
  listIn('unwanted-modules.txt').map((place) => `usr/lib/modules/*/kernel/${place}`),
);
for (const path of filesBelow(tree, '.')) {
  if (/^usr\/share\/doc\/[^/]+\/copyright$/.test(path)) continue;
  if (isUnwanted(path) || isUnwantedModule(path) || path.startsWith('usr/share/doc/')) remove(path);
}

// 4. Links and folders that are left without what they were for.
for (const folder of ['usr/share', 'usr/lib']) {
  for (const path of filesBelow(tree, folder))
    if (/\.so(\.|$)/.test(path) && leadsNowhere(path)) remove(path);
  pruneEmpty(folder);
}
console.log(`slim: ${dropped.size} packages went: ${[...dropped].join(' ')}`);
console.log(`slim: ${leftovers.files.length} files of others: ${leftovers.files.join(' ')}`);

function isFolder(path: string): boolean {
  return lstatSync(join(tree, path), { throwIfNoEntry: false })?.isDirectory() === true;
}

function leadsNowhere(path: string): boolean {
  return lstatSync(join(tree, path)).isSymbolicLink() && realIn(tree, path) === undefined;
}

/** Whether a file can be linked with libraries: a regular ELF file. */
function isLinkable(path: string): boolean {
  if (lstatSync(join(tree, path), { throwIfNoEntry: false })?.isFile() !== true) return false;
  const file = openSync(join(tree, path), 'r');
  const start = Buffer.alloc(4);
  readSync(file, start);
  closeSync(file);
  return start.readUInt32BE(0) === 0x7f454c46;
}

/** Removes empty folders below one, deepest first. */
function pruneEmpty(folder: string): void {
  for (const entry of readdirSync(join(tree, folder), { withFileTypes: true })) {
    if (entry.isDirectory()) pruneEmpty(join(folder, entry.name));
  }
  if (readdirSync(join(tree, folder)).length === 0) rmdirSync(join(tree, folder));
}
