import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * A file takes the place of another whole or not at all, and is on the medium once this resolves. FAT has no journal,
 * but its rename is one write of a folder's sector.
 */
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
