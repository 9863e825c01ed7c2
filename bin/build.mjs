// Builds dist/: one bundled ESM file for each daemon and the command, and the web page.
// A running box may be reading dist/ meanwhile: a file appears whole, and one that is the same stays as it is.
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { build as buildPage } from 'vite';
import { bundleOptions, entries } from './daemon-bundles.mjs';
import { buildOutputPrograms } from './output-programs.mjs';
import { buildSetupFile } from './setup-file.mjs';
import { buildSystemAddons } from './system-addon.mjs';
import { buildWebRtcAddon } from './webrtc-addon.mjs';

const target = 'dist';
/** Folders of dist/ that others fill. */
const kept = ['image', 'package', 'screenshots'];

/** The web pages; the viewer's is the first. */
const pages = ['index.html', 'setup/index.html', 'studio/index.html', 'trust/index.html'];

async function bundle(name) {
  const { outputFiles } = await build({ ...bundleOptions(name, target), write: false });
  return outputFiles.map(({ path, contents }) => ({ path: relative(target, path), contents }));
}

/**
 * vite writes files only, so they go by way of a folder. Each page is built alone: what two share would be a third
 * file for a viewer to wait for.
 */
async function bundlePages(folder) {
  for (const page of pages) {
    const rollupOptions = { input: join('web-ui', page) };
    await buildPage({
      root: 'web-ui',
      logLevel: 'warn',
      build: { outDir: folder, emptyOutDir: page === pages[0], rollupOptions },
    });
  }
  return await Promise.all(
    (await filesIn(folder)).map(async (path) => ({
      path: join('web-ui', path),
      contents: await readFile(join(folder, path)),
    })),
  );
}

async function filesIn(folder) {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((file) => file.isFile())
    .map((file) => relative(folder, join(file.parentPath, file.name)));
}

/** What each daemon is started with, by systemd and by the demo alike. */
async function daemonEnvironment() {
  return { path: 'daemon.env', contents: await readFile('systemd/daemon.env') };
}

/** Clients of the conformance suite that are programs of their own. */
async function conformancePrograms() {
  const folder = 'test/conformance/clients';
  const names = (await readdir(folder, { recursive: true })).filter((name) =>
    /(\.py|\.go|\/go\.(mod|sum))$/.test(name),
  );
  return await Promise.all(
    names.map(async (name) => ({
      path: join('conformance', name),
      contents: await readFile(join(folder, name)),
    })),
  );
}

async function publish({ path, contents, mode = 0o644 }, staging) {
  const file = join(target, path);
  const present = await readFile(file).catch(() => null);
  if (present?.equals(contents)) return;
  const whole = join(staging, path);
  await mkdir(dirname(whole), { recursive: true });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(whole, contents, { mode });
  await rename(whole, file);
}

async function buildAll(staging) {
  const addon = buildWebRtcAddon();
  const page = bundlePages(join(process.cwd(), staging, 'page'));
  const bundles = await Promise.all(Object.keys(entries).map(bundle));
  const files = [
    ...bundles.flat(),
    ...(await page),
    ...(await buildSetupFile()),
    ...(await buildSystemAddons(staging)),
    ...(await buildOutputPrograms(staging)),
    ...(await addon),
    ...(await conformancePrograms()),
    await daemonEnvironment(),
  ];
  // The entries come last: what they load is there by then.
  const isEntry = ({ path }) => path.replace(/\.js$/, '') in entries;
  for (const file of files.filter((file) => !isEntry(file))) await publish(file, staging);
  for (const file of files.filter(isEntry)) await publish(file, staging);
  const wanted = new Set(files.map(({ path }) => path));
  for (const path of await filesIn(target)) {
    if (wanted.has(path) || path.startsWith('.') || kept.includes(path.split('/')[0])) continue;
    await rm(join(target, path));
  }
}

await mkdir(target, { recursive: true });
const staging = await mkdtemp(join(target, '.building-'));
try {
  await buildAll(staging);
} catch (error) {
  console.error(`build: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  await rm(staging, { recursive: true, force: true });
}
