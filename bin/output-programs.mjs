import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The native programs of services/outputs, and media's for SRT, as they lie beside the bundles. */
export const outputPrograms = ['outputs-push', 'outputs-rtsp', 'outputs-snapshot', 'media-srt'];

/**
 * Compiles what sends to destinations. Where there is no compiler or no header it is left out, and an output says so.
 * @param folder where to write
 * @returns [{path, contents, mode}]
 */
export async function buildOutputPrograms(folder) {
  try {
    await run('services/outputs/native/compile', [folder]);
  } catch (error) {
    if (error.code !== 127) throw new Error(`${error.stderr || error.message}`); // 127: no compiler
  }
  const made = outputPrograms.filter((name) => existsSync(join(folder, name)));
  return await Promise.all(
    made.map(async (path) => ({ path, contents: await readFile(join(folder, path)), mode: 0o755 })),
  );
}
