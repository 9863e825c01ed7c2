import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { DesiredBroadcast } from '#core/domain/broadcast.ts';

const desiredBroadcast = z.object({ live: z.boolean(), startTime: z.string().nullable() });

/**
 * What was wanted when control died: in the runtime directory, which lives in memory, so it survives a crash and
 * not a reboot.
 */
export class DesiredStore {
  readonly #path: string;
  #queue: Promise<void> = Promise.resolve();

  /** @param options.path a JSON file in the runtime directory */
  constructor(options: { path: string }) {
    this.#path = options.path;
  }

  /** Nothing stored, or nothing readable: nothing is wanted. */
  async load(): Promise<DesiredBroadcast> {
    try {
      return desiredBroadcast.parse(JSON.parse(await readFile(this.#path, 'utf8')));
    } catch {
      return { live: false, startTime: null };
    }
  }

  save(desired: DesiredBroadcast): Promise<void> {
    const text = JSON.stringify(desired);
    this.#queue = this.#queue.then(async () => {
      await writeFile(`${this.#path}.tmp`, text, { mode: 0o600 });
      await rename(`${this.#path}.tmp`, this.#path);
    });
    return this.#queue;
  }
}
