import { randomInt } from 'node:crypto';
import { Low } from 'lowdb';
import { z } from 'zod';
import type { Logger } from '#core/runtime/logger.ts';
import { DurableFile } from '../storage/durable-file.ts';

const stored = z.object({ passphrase: z.string().regex(/^[\x20-\x7e]{8,63}$/) });
/** Without what looks alike: it is read from a line and typed into a telephone. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
const groups = 3;
const lettersInGroup = 4;

/** The access point's passphrase: random, made at the first start, and the same from then on (60 bits). */
export class AccessPointKey {
  readonly #low: Low<z.infer<typeof stored> | null>;
  readonly #logger: Logger;

  /** @param options.path a JSON file, mode 0600 */
  constructor(options: { path: string; logger: Logger }) {
    this.#logger = options.logger;
    const file = new DurableFile<z.infer<typeof stored> | null>({
      path: options.path,
      check: (value) => stored.parse(value),
      onTorn: ({ path, problem }) =>
        options.logger.error({ path, problem }, 'the passphrase of the access point cannot be read'),
    });
    this.#low = new Low(file, null);
  }

  async start(): Promise<void> {
    await this.#low.read();
    if (this.#low.data !== null) return;
    this.#low.data = { passphrase: newPassphrase() };
    await this.#low.write().catch((error) => {
      this.#logger.error({ err: error }, 'the passphrase of the access point holds for this start only');
    });
  }

  /** @throws Error before `start` */
  get passphrase(): string {
    if (this.#low.data === null) throw new Error('the passphrase is read in start()');
    return this.#low.data.passphrase;
  }
}

function newPassphrase(): string {
  const group = (): string =>
    Array.from({ length: lettersInGroup }, () => letters.charAt(randomInt(letters.length))).join('');
  return Array.from({ length: groups }, group).join('-');
}
