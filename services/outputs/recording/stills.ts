import { type FileHandle, open } from 'node:fs/promises';
import type { Clock } from '#core/domain/clock.ts';
import { type KeyFramePlace, KeyFrames } from '#core/fmp4/key-frame.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { PictureProcess } from '../picture-process.ts';

/** Somebody who draws a finger along a recording asks for many: those who ask later are refused. */
const maxWaiting = 12;
const maxKept = 32;
/** Looking through a long file takes a while: those that were asked for last are known. */
const maxFiles = 3;

/** Small pictures of recorded files, of any moment in them: a key frame is decoded for who asks, and kept for the next. */
export class Stills {
  readonly #process: PictureProcess;
  /** By file, place and width; the one asked for last is the last. */
  readonly #kept = new Map<string, Promise<Buffer | null>>();
  readonly #files = new Map<string, { keyFrames: KeyFrames; turn: Promise<unknown> }>();

  constructor(options: { clock: Clock; logger: Logger }) {
    this.#process = new PictureProcess({ mediaSocket: null, ...options });
  }

  /**
   * @param atSeconds of the file; the key frame before it is shown, or the nearest there is
   * @param width 0 is the picture's own
   * @returns null where there is none
   */
  async take(path: string, atSeconds: number, width: number): Promise<Buffer | null> {
    const file = await open(path, 'r').catch(() => null);
    if (file === null) return null;
    try {
      return await this.#of(file, path, atSeconds, width);
    } catch {
      return null; // not one of our files
    } finally {
      await file.close();
    }
  }

  close(): void {
    this.#process.close();
    this.#kept.clear();
    this.#files.clear();
  }

  async #of(file: FileHandle, path: string, atSeconds: number, width: number): Promise<Buffer | null> {
    const { ino, dev } = await file.stat();
    const found = await this.#keyFrame(file, `${dev}:${ino}`, atSeconds);
    if (found === null) return null;
    const key = `${dev}:${ino}:${found.offset}:${width}`;
    const kept = this.#kept.get(key);
    if (kept === undefined && this.#process.waiting >= maxWaiting) return null;
    const { width: ownWidth, height, configuration, offset, length } = found;
    const still =
      kept ??
      this.#process
        .ask(
          `still ${width} ${ownWidth}x${height} ${configuration.toString('hex')} ${offset} ${length} ${path}`,
        )
        .then((picture) => picture?.jpeg ?? null);
    this.#kept.delete(key);
    this.#kept.set(key, still);
    for (const oldest of [...this.#kept.keys()].slice(0, -maxKept)) this.#kept.delete(oldest);
    const jpeg = await still;
    if (jpeg === null) this.#kept.delete(key);
    return jpeg;
  }

  /** One look at a file at a time: it goes on where the last one ended. */
  async #keyFrame(file: FileHandle, identity: string, atSeconds: number): Promise<KeyFramePlace | null> {
    const known = this.#files.get(identity) ?? { keyFrames: new KeyFrames(), turn: Promise.resolve() };
    this.#files.delete(identity);
    this.#files.set(identity, known);
    for (const oldest of [...this.#files.keys()].slice(0, -maxFiles)) this.#files.delete(oldest);
    const found = known.turn.then(() => known.keyFrames.find(file, atSeconds));
    known.turn = found.catch(() => this.#files.delete(identity));
    return await found;
  }
}
