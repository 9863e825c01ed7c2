import { readFile, writeFile } from 'node:fs/promises';
import { OnairError } from '#core/domain/errors.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Snapshots } from '../outputs/snapshots.ts';
import { type Recordings, thumbnailOf } from './recordings.ts';

const width = 320;
/** The first picture is often black, or the slate. */
const afterSeconds = 2;

interface ThumbnailsOptions {
  recordings: Pick<Recordings, 'state' | 'events' | 'pathOf'>;
  snapshots: Pick<Snapshots, 'take'>;
  logger: Logger;
}

/** A small picture beside each recorded file, taken from the broadcast while the file begins: nothing is decoded for it later. */
export class Thumbnails {
  readonly #options: ThumbnailsOptions;
  /** The file that has got one, or for which there is none to be had. */
  #doneFor: string | null = null;

  constructor(options: ThumbnailsOptions) {
    this.#options = options;
  }

  start(): void {
    const { recordings } = this.#options;
    recordings.events.on('recordingProgress', () => {
      const { id, durationSeconds } = recordings.state;
      if (id === null || id === this.#doneFor || durationSeconds < afterSeconds) return;
      this.#doneFor = id;
      void this.#take(id);
    });
  }

  /** @throws OnairError `not-found` */
  async read(id: string): Promise<Buffer> {
    const path = await this.#options.recordings.pathOf(id);
    const jpeg = await readFile(thumbnailOf(path)).catch(() => null);
    if (jpeg !== null) return jpeg;
    throw new OnairError('not-found', 'There is no picture of this recording.', { subject: 'thumbnail' });
  }

  async #take(id: string): Promise<void> {
    const { recordings, snapshots, logger } = this.#options;
    try {
      const jpeg = await snapshots.take(width);
      await writeFile(thumbnailOf(await recordings.pathOf(id)), jpeg, { mode: 0o640 });
    } catch (error) {
      logger.debug({ err: error, id }, 'a recording goes without a picture');
    }
  }
}
