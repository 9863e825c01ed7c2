import { readFile, writeFile } from 'node:fs/promises';
import { OnairError } from '#core/domain/errors.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { roundedWidth, type Snapshots } from '../outputs/snapshots.ts';
import type { RecordingStills } from './recording-stills.ts';
import { type Recordings, thumbnailOf } from './recordings.ts';

const usualWidth = 320;
/** The first picture is often black, or the slate. */
const afterSeconds = 2;

interface ThumbnailsOptions {
  recordings: Pick<Recordings, 'state' | 'events' | 'pathOf'>;
  snapshots: Pick<Snapshots, 'take'>;
  stills: Pick<RecordingStills, 'take'>;
  logger: Logger;
}

/**
 * Pictures of recorded files. One is taken from the broadcast while a file begins and kept beside it, so that a list costs
 * nothing; of other moments and sizes one is decoded for who asks.
 */
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

  /**
   * @param asked.at seconds since its begin; undefined is a moment near it
   * @throws OnairError `not-found`
   */
  async read(
    id: string,
    { at, width }: { at?: number | undefined; width?: number | undefined },
  ): Promise<Buffer> {
    const { recordings, stills } = this.#options;
    const path = await recordings.pathOf(id);
    const rounded = width === undefined ? usualWidth : roundedWidth(width);
    const isUsual = at === undefined && rounded === usualWidth;
    const kept = isUsual ? await readFile(thumbnailOf(path)).catch(() => null) : null;
    const jpeg = kept ?? (await stills.take(path, at ?? afterSeconds, rounded));
    if (jpeg !== null) return jpeg;
    throw new OnairError('not-found', 'There is no picture of this recording.', { subject: 'thumbnail' });
  }

  async #take(id: string): Promise<void> {
    const { recordings, snapshots, logger } = this.#options;
    try {
      const jpeg = await snapshots.take(usualWidth);
      await writeFile(thumbnailOf(await recordings.pathOf(id)), jpeg, { mode: 0o640 });
    } catch (error) {
      logger.debug({ err: error, id }, 'a recording goes without a picture');
    }
  }
}
