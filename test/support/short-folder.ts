import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

/** A folder of its own for one test; its path is short, since that of a Unix socket ends after 107 bytes. */
export async function shortFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'onair-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
