import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const source = 'services/core/runtime/native/system.c';
const headerFolders = ['../../include/node', '../../include/nodejs/src', '../../include/nodejs'];

/** Where Node.js has its own headers; null where they are not installed. */
export function nodeHeaders() {
  const folders = headerFolders.map((folder) => resolve(process.execPath, folder));
  return folders.find((folder) => existsSync(join(folder, 'node_api.h'))) ?? null;
}

/**
 * Compiles what tells systemd that a daemon is well, and gives memory back. A daemon does without: where there is no
 * compiler or no header, it is left out.
 * @param folder where to write
 * @returns [{path, contents}], or [] where it can't be compiled
 */
export async function buildSystemAddon(folder, compiler = process.env.CC || 'cc') {
  const headers = nodeHeaders();
  if (headers === null) return [];
  const path = 'system.node';
  const file = join(folder, path);
  const options = ['-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Werror', '-s'];
  try {
    await run(compiler, [...options, '-isystem', headers, '-o', file, source]);
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  return [{ path, contents: await readFile(file) }];
}
