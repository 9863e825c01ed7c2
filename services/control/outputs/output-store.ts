import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { BootOutput } from '#core/domain/boot-settings.ts';
import { parseDestination } from '#core/domain/destination.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Paths } from '#core/runtime/paths.ts';
import { DurableFile, type TornFile } from '../storage/durable-file.ts';
import type { TornFiles } from '../storage/torn-files.ts';

const storedOutput = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['rtmp', 'srt', 'whip']),
  url: z.string(),
  key: z.string().nullable(),
  extra: z.string().nullable(),
  enabled: z.boolean(),
});
export type StoredOutput = z.infer<typeof storedOutput>;

/** The destinations with their keys, in a file that only control reads. */
export class OutputStore {
  readonly #file: DurableFile<StoredOutput[]>;
  #outputs: StoredOutput[] = [];

  constructor(options: { path: string; logger: Logger; onTorn?: (torn: TornFile) => void }) {
    this.#file = new DurableFile({
      path: options.path,
      check: (value) => z.array(storedOutput).parse(value),
      onTorn: (torn) => {
        const { path, problem } = torn;
        options.logger.error(
          { path, problem },
          'the outputs file cannot be used; falling back to its backup',
        );
        options.onTorn?.(torn);
      },
    });
  }

  get outputs(): readonly StoredOutput[] {
    return this.#outputs;
  }

  async start(): Promise<void> {
    this.#outputs = (await this.#file.read()) ?? [];
  }

  /** Resolves once it would survive a power cut; in force at once. */
  async save(outputs: StoredOutput[]): Promise<void> {
    const before = this.#outputs;
    this.#outputs = outputs;
    try {
      await this.#file.write(outputs);
    } catch (error) {
      this.#outputs = before;
      throw error;
    }
  }

  /** Those of onair.toml: each replaces the one of its name, and keeps its key where the file has it blank. */
  async addNamed(found: readonly BootOutput[]): Promise<void> {
    if (found.length === 0) return;
    const outputs = [...this.#outputs];
    for (const { name, url, key, enabled } of found) {
      const at = outputs.findIndex((each) => each.name === name);
      const before = outputs[at];
      const given = key === '' ? (before?.key ?? null) : key;
      if (key === '' && given === null) continue; // blanked, and nothing is known of it
      const output = { id: before?.id ?? newOutputId(), name, enabled, ...parseDestination(url, given) };
      if (before) outputs[at] = output;
      else outputs.push(output);
    }
    await this.save(outputs);
  }
}

/** Short, since people type it. */
export function newOutputId(): string {
  return randomUUID().slice(0, 8);
}

/** The destinations that are kept in the data directory. */
export async function openOutputStore({
  paths,
  logger,
  torn,
}: {
  paths: Paths;
  logger: Logger;
  torn?: TornFiles;
}): Promise<OutputStore> {
  const store = new OutputStore({
    path: join(paths.dataDirectory, 'outputs.json'),
    logger,
    ...(torn ? { onTorn: torn.about('outputs') } : {}),
  });
  await store.start();
  return store;
}
