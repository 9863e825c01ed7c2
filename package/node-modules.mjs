// What of node_modules a box needs: the packages with compiled parts (bin/native-packages.mjs) and what they load.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { nativePackages } from '../bin/native-packages.mjs';
import { run } from './run.mjs';

/** Only for compiling. */
const buildTime = ['nan', 'node-addon-api'];
const folders = [
  'build',
  'example',
  'examples',
  'integration-test',
  'prebuilds',
  'test',
  'tests',
  'types',
  'utils',
];
const unwanted =
  /^(bin\.js|build-test\.js|optional\.js|tsconfig\.json|rollup\.config\..*|Makefile|CHANGES|wscript)$/;
const extensions = ['.cjs', '.js', '.json', '.mjs'];
/** Where each addon of package/compile-addons belongs. */
const addonPlaces = {
  dns_sd_bindings: 'mdns/build/Release',
  epoll: 'epoll/build/Release',
  'gstreamer-superficial': 'gstreamer-superficial/build/Release',
};
const cpus = { amd64: 'x64', arm64: 'arm64' };

/** Folders in node_modules of the packages named and of all they depend on. @param user the folder of who needs them */
export async function closure(names, user = '') {
  const found = new Set();
  for (const name of names) {
    const folder = placeOf(name, user);
    if (folder === null || found.has(folder)) continue;
    found.add(folder);
    const { dependencies = {} } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const wanted = Object.keys(dependencies).filter((dependency) => !buildTime.includes(dependency));
    for (const inner of await closure(wanted, folder)) found.add(inner);
  }
  return [...found].sort();
}

/** As Node.js finds it: in the nearest node_modules upwards; null where it is not installed. */
function placeOf(name, user) {
  for (let folder = user; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const place = join(folder, 'node_modules', name);
    if (existsSync(join(place, 'package.json'))) return place;
    if (folder === '') return null;
  }
}

/** @param target the new node_modules  @param addons folder of the compiled addons */
export async function copyNodeModules({ target, addons, architecture, cache }) {
  for (const folder of await closure(nativePackages)) {
    await cp(folder, join(target, relative('node_modules', folder)), {
      recursive: true,
      filter: (path) => isWanted(relative(folder, path)),
    });
  }
  for (const [name, place] of Object.entries(addonPlaces)) {
    await mkdir(join(target, place), { recursive: true });
    await cp(join(addons, `${name}.node`), join(target, place, `${name}.node`));
  }
  const prebuilds = `@serialport/bindings-cpp/prebuilds/linux-${cpus[architecture]}`;
  await cp(join('node_modules', prebuilds), join(target, prebuilds), {
    recursive: true,
    filter: (path) => !path.includes('.musl.'),
  });
  await unpackPrebuilt(`@node-datachannel/linux-${cpus[architecture]}-gnu`, { target, cache });
}

function isWanted(path) {
  const parts = path.split('/');
  if (parts.includes('node_modules') || parts.some((part) => folders.includes(part))) return false;
  const name = parts.at(-1) ?? '';
  if (unwanted.test(name) || name.startsWith('.')) return false;
  // Folders and licences have no extension.
  return extensions.includes(extname(name)) || /^[A-Za-z@]\w*$/.test(name) || path === '';
}

/** Packages for the other processor are not installed here: they come as the lock file knows them. */
async function unpackPrebuilt(name, { target, cache }) {
  const lock = JSON.parse(await readFile('package-lock.json', 'utf8')).packages[`node_modules/${name}`];
  const file = join(cache, `${name.replace(/[@/]/g, '-').slice(1)}-${lock.version}.tgz`);
  if (!existsSync(file)) {
    await run('npm', ['pack', '--silent', `--pack-destination=${cache}`, `${name}@${lock.version}`]);
  }
  const checksum = createHash('sha512')
    .update(await readFile(file))
    .digest('base64');
  if (lock.integrity !== `sha512-${checksum}`) {
    throw new Error(`${file} is not what package-lock.json knows: remove it and try again`);
  }
  const folder = join(target, name);
  await mkdir(folder, { recursive: true });
  await run('tar', ['-xzf', file, '-C', folder, '--strip-components=1', '--no-same-owner']);
}
