import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const bootIdFile = '/proc/sys/kernel/random/boot_id';

/** Tells this start of the machine from others: only within it does the clock that never jumps mean the same. */
export async function readBootId(): Promise<string> {
  return await readFile(bootIdFile, 'utf8').then(
    (text) => text.trim(),
    () => randomUUID(),
  );
}
