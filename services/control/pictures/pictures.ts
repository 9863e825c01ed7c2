import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { OnairError } from '#core/domain/errors.ts';
import { objectWith } from '#core/domain/json.ts';
import { SerialQueue } from '#core/domain/serial-queue.ts';
import { type PictureUse, type pictureBody, pictureSettings } from '#core/protocol/endpoints/pictures.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { isWholePicture, pictureShape } from '#core/runtime/picture-shape.ts';
import { writeWhole } from '#core/runtime/write-whole.ts';
import type { SettingsStore } from '../settings/settings-store.ts';

/** Media, of the same group, reads them. */
const mode = 0o640;

interface Deps {
  directory: string;
  settings: Pick<SettingsStore, 'patch'>;
  logger: Logger;
}

/** Pictures that the operator sent: each is kept under the hash of what is in it, so that another one has another name. */
export class Pictures {
  readonly #deps: Deps;
  readonly #queue = new SerialQueue();

  /** @param deps.directory is made where it is missing */
  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Keeps a picture and has its setting name it.
   * @throws OnairError `invalid-message` where it is none, `unavailable` where it can't be stored; nothing has changed then
   */
  keep(use: PictureUse, bytes: Buffer): Promise<z.infer<typeof pictureBody>> {
    const shape = pictureShape(bytes);
    if (shape === null || !isWholePicture(bytes, shape)) {
      throw new OnairError('invalid-message', 'This is no whole PNG or JPEG picture.', {
        subject: 'picture',
        action: 'Choose a PNG or JPEG of 4 MB and 4096 x 4096 pixels at most.',
      });
    }
    return this.#queue.run(async () => {
      const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
      const name = `${use}-${hash}.${shape.type === 'png' ? 'png' : 'jpg'}`;
      const path = join(this.#deps.directory, name);
      try {
        await mkdir(this.#deps.directory, { recursive: true, mode: 0o750 });
        await writeWhole(path, bytes, mode);
      } catch (error) {
        this.#deps.logger.warn({ err: error }, 'a picture could not be stored');
        throw new OnairError('unavailable', 'The picture could not be stored; nothing was changed.', {
          subject: 'picture',
          action: 'Send it again; if this comes back, make room on the card.',
        });
      }
      await this.#deps.settings.patch(objectWith(pictureSettings[use], path));
      await this.#deleteOthers(use, name);
      return { path, ...shape, bytes: bytes.length };
    });
  }

  async #deleteOthers(use: PictureUse, kept: string): Promise<void> {
    const names = await readdir(this.#deps.directory).catch(() => []);
    const others = names.filter((name) => name.startsWith(`${use}-`) && name !== kept);
    for (const name of others) await rm(join(this.#deps.directory, name), { force: true }).catch(() => {});
  }
}
