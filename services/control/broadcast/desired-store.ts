import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { SerialQueue } from '#core/domain/serial-queue.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { DesiredBroadcast } from '../domain/broadcast.ts';
import { DurableFile } from '../storage/durable-file.ts';

const desiredBroadcast = z.object({
  live: z.boolean(),
  startTime: z.iso.datetime().nullable(),
  startedAtMs: z.number().optional(),
});
const onAir = z.object({ live: z.boolean() });
const nothing: DesiredBroadcast = { live: false, startTime: null };

interface Deps {
  path: string;
  lastingPath: string;
  resumeOnBoot: () => boolean;
  logger: Logger;
}

/**
 * What was wanted when control died: in the runtime directory, which lives in memory, so it survives a crash and
 * not a reboot. Whether it was on air at all is kept beside the settings, for boxes that are to go on after a
 * power cut (`broadcast.resumeOnBoot`).
 */
export class DesiredStore {
  readonly #deps: Deps;
  readonly #lasting: DurableFile<{ live: boolean }>;
  readonly #queue = new SerialQueue();
  #onAir: boolean | null = null;

  /**
   * @param deps.path a JSON file in the runtime directory
   * @param deps.lastingPath a JSON file in the data directory
   */
  constructor(deps: Deps) {
    this.#deps = deps;
    this.#lasting = new DurableFile({
      path: deps.lastingPath,
      check: (value) => onAir.parse(value),
      onTorn: ({ path, problem }) => deps.logger.warn({ path, problem }, 'not read: nothing is resumed'),
    });
  }

  /** Nothing stored, or nothing readable: nothing is wanted, unless a reboot came in mid-broadcast and that is to go on. */
  async load(): Promise<DesiredBroadcast> {
    const text = await readFile(this.#deps.path, 'utf8').catch(() => null);
    if (text === null) return { ...nothing, live: await this.#resumes() };
    try {
      return desiredBroadcast.parse(JSON.parse(text));
    } catch {
      return nothing;
    }
  }

  async #resumes(): Promise<boolean> {
    return this.#deps.resumeOnBoot() && ((await this.#lasting.read())?.live ?? false);
  }

  /** One after the other; what can't be stored is logged, since the broadcast goes on without it. */
  save(desired: DesiredBroadcast): Promise<void> {
    const text = JSON.stringify(desired);
    return this.#queue.run(async () => {
      try {
        await writeFile(`${this.#deps.path}.tmp`, text, { mode: 0o600 });
        await rename(`${this.#deps.path}.tmp`, this.#deps.path);
      } catch (error) {
        this.#deps.logger.error(
          { err: error },
          'what is wanted could not be stored: a crash would forget it',
        );
      }
      await this.#saveLasting(desired.live);
    });
  }

  /** Twice in a broadcast; a card that can't be written to keeps nobody from going live. */
  async #saveLasting(live: boolean): Promise<void> {
    if (live === this.#onAir) return;
    try {
      await this.#lasting.write({ live });
      this.#onAir = live;
    } catch (error) {
      this.#deps.logger.warn(
        { err: error },
        'what is on air could not be stored: a reboot would not resume it',
      );
    }
  }
}
