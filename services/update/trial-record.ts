import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { problem } from '#core/domain/problem.ts';
import { updateSlot } from '#core/protocol/endpoints/update.ts';
import { writeWhole } from '#core/runtime/write-whole.ts';

const trial = z.object({
  /** The system that is tried, and the version in it. */
  slot: updateSlot,
  version: z.string(),
  /** The version that runs meanwhile. */
  before: z.string(),
  /** What the version before could do, and the new one must: a picture of the source that is set, or of the test picture. */
  picture: z.enum(['set', 'test']),
  /** Why it was taken back, as the new version said; null before that. */
  reason: problem.nullable(),
  /** It was committed. */
  committed: z.boolean(),
});
export type Trial = z.infer<typeof trial>;

/** What is tried, or was last: both systems read it, so it may only gain fields. */
export class TrialRecord {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Null where nothing was ever tried, or nobody can read what. */
  async read(): Promise<Trial | null> {
    try {
      return trial.parse(JSON.parse(await readFile(this.#path, 'utf8')));
    } catch {
      return null;
    }
  }

  /** Resolves once it would survive a power cut. */
  async write(value: Trial): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    await writeWhole(this.#path, JSON.stringify(value));
  }

  async forget(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}
