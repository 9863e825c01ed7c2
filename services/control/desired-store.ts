import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { DesiredBroadcast } from '#core/domain/broadcast.ts';
import type { Logger } from '#core/runtime/logger.ts';

const desiredBroadcast = z.object({ live: z.boolean(), startTime: z.iso.datetime().nullable() });

/**
 * What was wanted when control died: in the runtime directory, which lives in memory, so it survives a crash and
 * not a reboot.
 */
export class DesiredStore {
  readonly #path: string;
  readonly #logger: Logger;
  #queue: Promise<void> = Promise.resolve();

  /** @param options.path a JSON file in the runtime directory */
  constructor(options: { path: string; logger: Logger }) {
    this.#path = options.path;
    this.#logger = options.logger;
  }

  /** Nothing stored, or nothing readable: nothing is wanted. */
  async load(): Promise<DesiredBroadcast> {
    try {
      return desiredBroadcast.parse(JSON.parse(await readFile(this.#path, 'utf8')));
    } catch {
      return { live: false, startTime: null };
    }
  }

  /** One after the other; what can't be stored is logged, since the broadcast goes on without it. */
  save(desired: DesiredBroadcast): Promise<void> {
    const text = JSON.stringify(desired);
    this.#queue = this.#queue.then(async () => {
      try {
        await writeFile(`${this.#path}.tmp`, text, { mode: 0o600 });
        await rename(`${this.#path}.tmp`, this.#path);
      } catch (error) {
        this.#logger.error({ err: error }, 'what is wanted could not be stored: a crash would forget it');
      }
    });
    return this.#queue;
  }
}
