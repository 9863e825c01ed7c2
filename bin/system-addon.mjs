import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** What each is made of: what tells systemd that a daemon is well and gives memory back, and what asks hardware encoders. */
const sources = {
  'system.node': 'services/core/runtime/native/system.c',
  'v4l2.node': 'services/media/native/v4l2.c',
};
const headerFolders = ['../../include/node', '../../include/nodejs/src', '../../include/nodejs'];

/** Where Node.js has its own headers; null where they are not installed. */
export function nodeHeaders() {
  const folders = headerFolders.map((folder) => resolve(process.execPath, folder));
  return folders.find((folder) => existsSync(join(folder, 'node_api.h'))) ?? null;
}

/**
 * Compiles the addons in C that need nothing but Node.js. A daemon does without them: where there is no compiler or no
 * header, they are left out.
 * @param folder where to write
 * @returns [{path, contents}], or [] where they can't be compiled
 */
export async function buildSystemAddons(folder, compiler = process.env.CC || 'cc') {
  const headers = nodeHeaders();
  if (headers === null) return [];
  const options = ['-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Werror', '-s'];
  try {
    return await Promise.all(
      Object.entries(sources).map(async ([path, source]) => {
        const file = join(folder, path);
        await run(compiler, [...options, '-isystem', headers, '-o', file, source]);
        return { path, contents: await readFile(file) };
      }),
    );
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
