import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A file takes the place of another whole or not at all, and is on the medium once this resolves. */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.new`;
  await rm(temporary, { force: true });
  const file = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
  try {
    await file.writeFile(text);
    await file.chmod(mode).catch(() => {}); // FAT knows no modes
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync().catch(() => {}); // not every file system can
  } finally {
    await folder.close();
  }
}

/**
 * Writes over a file on FAT what is as long as before, and is on the medium once this resolves. FAT has no journal: a
 * power cut soon after a rename leaves an empty file, but this touches nothing of what finds it.
 * @throws Error where the length differs: nothing was written
 */
export async function overwriteFile(path: string, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  const file = await open(path, constants.O_RDWR);
  try {
    const { size } = await file.stat();
    if (size !== bytes.length) throw new Error(`it is ${size} bytes long and not ${bytes.length}`);
    await file.write(bytes, 0, bytes.length, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
