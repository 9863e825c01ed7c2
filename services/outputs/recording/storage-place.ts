import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mountedDisks } from '#core/runtime/mounted-disks.ts';

export interface StoragePlace {
  kind: 'usb' | 'card';
  directory: string;
}

/** The folder on a USB disk. */
const diskFolder = 'onair-recordings';

/** Every place where recordings may be, and the one for new ones; null where a disk is asked for and none is plugged in. */
export async function storagePlaces(options: {
  location: 'auto' | 'usb' | 'card';
  cardDirectory: string;
  disksDirectory: string;
}): Promise<{ chosen: StoragePlace | null; all: StoragePlace[] }> {
  const { location, cardDirectory, disksDirectory } = options;
  const card: StoragePlace = { kind: 'card', directory: cardDirectory };
  const disks = (await mountedDisks(disksDirectory)).map(
    (path): StoragePlace => ({ kind: 'usb', directory: join(path, diskFolder) }),
  );
  const [disk = null] = disks;
  const chosen = location === 'card' ? card : location === 'usb' ? disk : (disk ?? card);
  return { chosen, all: [...disks, card] };
}

/** Of the file system that a folder is on, or will be; null where there is none. */
export async function freeBytesOf(directory: string): Promise<number | null> {
  for (const path of [directory, dirname(directory)]) {
    const found = await statfs(path).catch(() => null); // the folder is made for the first recording
    if (found) return found.bavail * found.bsize;
  }
  return null;
}
