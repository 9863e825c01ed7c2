import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodeHeaders } from './system-addon.mjs';

const run = promisify(execFile);
export const webRtcSources = 'services/egress/native';
const cache = 'node_modules/.cache/onair';
const options = ['-shared', '-fPIC', '-std=c++17', '-O2', '-Wall', '-Wextra', '-Werror', '-s'];
const definitions = ['-DOPENSSL_SUPPRESS_DEPRECATED'];
const libraries = ['-lssl', '-lcrypto', '-pthread'];

/** @returns [[name, contents]] of what is compiled or included, the programs with a main of their own left out */
async function sources() {
  const names = (await readdir(webRtcSources)).filter((name) => /\.(cpp|h)$/.test(name)).sort();
  return await Promise.all(names.map(async (name) => [name, await readFile(join(webRtcSources, name))]));
}

/**
 * Compiles the WebRTC engine's addon; what was made of the same sources is kept. Where there is no compiler, no header
 * of Node.js or no libssl-dev, it is left out: node-datachannel stands in, and `onair doctor` says so.
 * @returns [{path, contents}], or [] where it can't be compiled
 */
export async function buildWebRtcAddon(compiler = process.env.CXX || 'g++') {
  const headers = nodeHeaders();
  if (headers === null) return [];
  const path = 'webrtc.node';
  const parts = await sources();
  const key = createHash('sha256').update(JSON.stringify([compiler, process.versions.modules, options]));
  for (const [name, contents] of parts) key.update(name).update(contents);
  const kept = join(cache, `webrtc-${process.arch}-${key.digest('hex').slice(0, 16)}.node`);
  const present = await readFile(kept).catch(() => null);
  if (present) return [{ path, contents: present }];
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'making-'));
  try {
    const files = parts.map(([name]) => join(webRtcSources, name)).filter((file) => file.endsWith('.cpp'));
    const file = join(folder, path);
    await run(compiler, [
      ...options,
      ...definitions,
      '-isystem',
      headers,
      '-o',
      file,
      ...files,
      ...libraries,
    ]);
    await rename(file, kept);
  } catch (error) {
    const lacking =
      error.code === 'ENOENT' || /openssl\/\S+: No such file|cannot find -l/.test(error.stderr ?? '');
    if (!lacking) throw error;
    console.error('build: without the native WebRTC engine, for want of g++ or libssl-dev (make setup)');
    return [];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return [{ path, contents: await readFile(kept) }];
}
