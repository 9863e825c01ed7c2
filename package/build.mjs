// Builds dist/package/onair_VERSION_ARCHITECTURE.deb for each architecture named, else for both.
//   node package/build.mjs [amd64] [arm64]      after node bin/build.mjs
// The same checkout gives the same bytes: times are those of SOURCE_DATE_EPOCH, else of the last commit.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { outputPrograms } from '../bin/output-programs.mjs';
import { controlFile, maintainer } from './control-file.mjs';
import { copyNodeModules } from './node-modules.mjs';
import { notices } from './notices.mjs';
import { run } from './run.mjs';

const architectures = ['amd64', 'arm64'];
const output = 'dist/package';
/** Of node_modules' addons: Node.js 20, which Debian 13 has. */
const abi = 115;

/** [from, to, mode]: what lies in the checkout as it is installed. */
const files = [
  ['systemd/system', 'usr/lib/systemd/system'],
  ['systemd/sysusers.d', 'usr/lib/sysusers.d'],
  ['systemd/tmpfiles.d', 'usr/lib/tmpfiles.d'],
  ['systemd/udev', 'usr/lib/udev/rules.d'],
  ['systemd/sysctl.d', 'usr/lib/sysctl.d'],
  ['systemd/system.conf.d', 'usr/lib/systemd/system.conf.d'],
  ['systemd/resolved.conf.d', 'usr/lib/systemd/resolved.conf.d'],
  ['systemd/scripts', 'usr/lib/onair/system', 0o755],
  ['systemd/network-manager/onair.conf', 'usr/lib/NetworkManager/conf.d/50-onair.conf'],
  ['systemd/network-manager/dnsmasq-onair.conf', 'etc/NetworkManager/dnsmasq-shared.d/onair.conf'],
  ['systemd/dbus', 'etc/dbus-1/system.d'],
  ['firmware/boards', 'usr/lib/onair/firmware/boards'],
  ['firmware/usb-gadget/usb-gadget', 'usr/lib/onair/firmware/usb-gadget/usb-gadget', 0o755],
  [
    'firmware/usb-gadget/onair-usb.nmconnection',
    'usr/lib/NetworkManager/system-connections/onair-usb.nmconnection',
    0o600,
  ],
  ['firmware/usb-gadget/onair-usb.dnsmasq', 'etc/NetworkManager/dnsmasq-shared.d/onair-usb.conf'],
  ['package/onair', 'usr/bin/onair', 0o755],
  ['package/onair.bash', 'usr/share/bash-completion/completions/onair'],
  ['package/lintian-overrides', 'usr/share/lintian/overrides/onair'],
];
/** Of dist/: the bundles and the page. Source maps stay here: Node.js would hold them in memory. */
const bundled = /^([^./][^/]*\.(js|env)|web-ui\/.*)$/;
const controlScripts = ['postinst', 'prerm', 'postrm'];

async function list(folder) {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found.map((entry) => ({ path: join(entry.parentPath, entry.name), isFile: entry.isFile() }));
}

/** The tree as it will be installed. */
async function fill(tree, { architecture, addons, cache, version, date }) {
  const library = join(tree, 'usr/lib/onair');
  for (const { path, isFile } of await list('dist')) {
    const inside = path.slice('dist/'.length);
    if (!isFile || !bundled.test(inside)) continue;
    await cp(path, join(library, 'dist', inside));
  }
  for (const name of ['system.node', 'v4l2.node', 'webrtc.node', ...outputPrograms])
    await cp(join(addons, name), join(library, 'dist', name));
  for (const [from, to] of files) if (existsSync(from)) await cp(from, join(tree, to), { recursive: true });
  await copyNodeModules({ target: join(library, 'node_modules'), addons, architecture, cache });
  const manual = (await readFile('package/onair.1', 'utf8'))
    .replace('VERSION', version)
    .replace('DATE', date);
  const documents = {
    'usr/share/man/man1/onair.1.gz': gzipSync(manual, { level: 9 }),
    'usr/share/doc/onair/changelog.gz': gzipSync(changelog(version, date), { level: 9 }),
    'usr/share/doc/onair/copyright': await notices(),
  };
  for (const [path, contents] of Object.entries(documents)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), contents);
  }
}

function changelog(version, date) {
  return `onair (${version}) trixie; urgency=medium\n\n  * See the project's history.\n\n -- ${maintainer}  ${date}\n`;
}

/** The same modes and times whoever builds. */
async function settle(tree, seconds) {
  const entries = await list(tree);
  const modes = new Map(files.filter(([, , mode]) => mode).map(([, to, mode]) => [join(tree, to), mode]));
  for (const name of outputPrograms) modes.set(join(tree, 'usr/lib/onair/dist', name), 0o755);
  for (const { path, isFile } of entries.reverse()) {
    const wanted = modes.get(path) ?? modes.get(dirname(path));
    await chmod(path, isFile ? (wanted ?? 0o644) : 0o755);
    await utimes(path, seconds, seconds);
  }
}

async function writeControl(tree, details) {
  const folder = join(tree, 'DEBIAN');
  const contents = await Promise.all(
    (await list(tree)).filter(({ isFile }) => isFile).map(({ path }) => readFile(path)),
  );
  const installedKb = Math.ceil(contents.reduce((sum, { length }) => sum + Math.ceil(length / 1024), 0));
  await mkdir(folder);
  await writeFile(join(folder, 'control'), await controlFile({ ...details, installedKb }));
  const configuration = (await list(join(tree, 'etc')).catch(() => [])).filter(({ isFile }) => isFile);
  const names = configuration.map(({ path }) => `${path.slice(tree.length)}\n`).sort();
  await writeFile(join(folder, 'conffiles'), names.join(''));
  for (const name of controlScripts) {
    await cp(`package/debian/${name}`, join(folder, name));
    await chmod(join(folder, name), 0o755);
  }
}

/** Runs a command where the compilers for that machine are. */
function inRoot(architecture, ...command) {
  return run('image/in-tool-root', ['--root', `build-${architecture}`, ...command]);
}

/** Compiling takes a while, and its sources seldom change: what was made of them is kept. */
async function compileAddons(architecture, { addons, cache }) {
  const folders = await Promise.all(['services/outputs/native', 'services/egress/native'].map(list));
  const native = folders.flat().filter(({ isFile }) => isFile);
  const sources = [
    'package/compile-addons',
    'package-lock.json',
    'services/core/runtime/native/system.c',
    'services/media/native/v4l2.c',
    ...native.map(({ path }) => path).sort(),
  ];
  const key = createHash('sha256').update(basename(await run('image/tool-root', [`build-${architecture}`])));
  for (const path of sources) key.update(await readFile(path));
  const kept = join(cache, `addons-${architecture}-${key.digest('hex').slice(0, 16)}`);
  if (!existsSync(kept)) {
    await inRoot(architecture, 'package/compile-addons', architecture, addons);
    const making = await mkdtemp(`${kept}.making-`);
    await cp(addons, making, { recursive: true });
    // Whoever was quicker made the same.
    await rename(making, kept).catch(() => rm(making, { recursive: true }));
  }
  await cp(kept, addons, { recursive: true });
}

async function buildPackage(architecture, { work, version, seconds, cache }) {
  const tree = join(work, 'tree');
  const addons = join(work, 'addons');
  await mkdir(tree);
  await compileAddons(architecture, { addons, cache });
  const date = new Date(seconds * 1000).toUTCString().replace('GMT', '+0000');
  await fill(tree, { architecture, addons, cache, version, date });
  await run('find', [tree, '-type', 'd', '-empty', '-delete']);
  await settle(tree, seconds);
  const libraries = await readFile(join(addons, 'depends'), 'utf8');
  await writeControl(tree, { version, architecture, libraries: libraries.trim(), abi });
  process.env.SOURCE_DATE_EPOCH = String(seconds);
  const name = `onair_${version}_${architecture}.deb`;
  const options = ['--root-owner-group', '-Zxz', '--threads-max=1'];
  await inRoot(architecture, 'dpkg-deb', ...options, '--build', tree, join(work, name));
  await rename(join(work, name), join(output, name));
  console.log(join(output, name));
}

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !architectures.includes(name));
if (unknown) throw new Error(`There is no architecture ${unknown}: ${architectures.join(', ')}.`);
const { version } = JSON.parse(await readFile('package.json', 'utf8'));
const seconds = Number(process.env.SOURCE_DATE_EPOCH || (await run('git', ['log', '-1', '--format=%ct'])));
const cache = await run('image/cache-folder', []);
await mkdir(output, { recursive: true });
for (const architecture of chosen.length > 0 ? chosen : architectures) {
  // Somebody else may be building too.
  const work = await mkdtemp(join(output, `.${architecture}-`));
  await buildPackage(architecture, { work, version, seconds, cache }).finally(() =>
    rm(work, { recursive: true, force: true }),
  );
}
