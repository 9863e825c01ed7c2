import { constants } from 'node:fs';
import { access, type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { macSeconds, videoTrackId } from '#core/fmp4/init-segment.ts';
import { type RandomAccessPoint, randomAccessBox, recoveredMark } from '#core/fmp4/random-access.ts';
import { isClosed, readRecordedFile } from '#core/fmp4/recorded-file.ts';
import { syncFolder } from '#core/runtime/write-whole.ts';
import type { RecordedFragment } from './recording-packager.ts';

/** Where the movie header's creation time stands: behind ftyp, in the first box of moov. */
const creationOffsetInMoov = 8 + 8 + 4;

/** One file on the disk: whatever is cut off at any moment, what was synced before plays. */
export class RecordingFile {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #points: RandomAccessPoint[] = [];
  #bytes: number;
  #durationTicks = 0;

  private constructor(path: string, file: FileHandle, bytes: number) {
    this.path = path;
    this.#file = file;
    this.#bytes = bytes;
  }

  /** @throws ErrnoException where the disk does not take it */
  static async create(directory: string, name: string, init: Buffer): Promise<RecordingFile> {
    await mkdir(directory, { recursive: true, mode: 0o2770 });
    for (let attempt = 1; ; attempt += 1) {
      const path = join(directory, `${name}${attempt === 1 ? '' : `_${attempt}`}.mp4`);
      let file: FileHandle;
      try {
        file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o640);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST' && attempt < 1_000) continue;
        throw error;
      }
      try {
        await file.write(init, 0, init.length, 0);
        await file.sync();
        await syncFolder(directory);
      } catch (error) {
        await file.close().catch(() => {});
        throw error;
      }
      return new RecordingFile(path, file, init.length);
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  get durationSeconds(): number {
    return this.#durationTicks / 90_000;
  }

  /** Resolves once the fragment would survive a power cut. */
  async append({ bytes, startTicks, durationTicks, key }: RecordedFragment): Promise<void> {
    await writeAll(this.#file, bytes, this.#bytes);
    await this.#file.datasync();
    if (key) this.#points.push({ time: startTicks, moofOffset: this.#bytes });
    this.#bytes += bytes.length;
    this.#durationTicks = startTicks + durationTicks;
  }

  /** Ends the file with its index. */
  async finish(): Promise<void> {
    try {
      await writeAll(this.#file, randomAccessBox(videoTrackId, this.#points), this.#bytes);
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
  }

  /** Leaves it as it is: the disk takes nothing any more. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {});
  }
}

/** Another recording of the same second keeps its name. */
async function freePath(directory: string, name: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const path = join(directory, `${name}${attempt === 1 ? '' : `_${attempt}`}.mp4`);
    const isTaken = await access(path).then(
      () => true,
      () => false,
    );
    if (!isTaken) return path;
  }
}

/** Tells a file that was begun without a clock when that was, in its header and its name. */
export async function dateRecording(path: string, name: string, startedAtMs: number): Promise<string> {
  const file = await open(path, 'r+');
  try {
    const head = Buffer.alloc(4);
    await file.read(head, 0, 4, 0);
    const seconds = Buffer.alloc(8);
    seconds.writeUInt32BE(macSeconds(startedAtMs), 0);
    seconds.writeUInt32BE(macSeconds(startedAtMs), 4);
    await file.write(seconds, 0, 8, head.readUInt32BE(0) + creationOffsetInMoov);
    await file.sync();
  } finally {
    await file.close();
  }
  const dated = await freePath(dirname(path), name);
  await rename(path, dated);
  // Its thumbnail, where there is one.
  await rename(path.replace(/\.mp4$/, '.jpg'), dated.replace(/\.mp4$/, '.jpg')).catch(() => {});
  await syncFolder(dirname(path));
  return dated;
}

/**
 * Repairs a file that a power cut left open: the torn fragment at its end is cut off, and the index that players seek by is
 * put there. @returns whether there was anything to do
 */
export async function recoverRecording(path: string): Promise<boolean> {
  const file = await open(path, 'r+');
  try {
    if (await isClosed(file)) return false;
    const { wholeEnd, fragments } = await readRecordedFile(file);
    await file.truncate(wholeEnd);
    const points = fragments
      .filter(({ key }) => key)
      .map(({ startTicks, moofOffset }) => ({ time: startTicks, moofOffset }));
    const end = Buffer.concat([recoveredMark, randomAccessBox(videoTrackId, points)]);
    await writeAll(file, end, wholeEnd);
    await file.sync();
    return true;
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}
