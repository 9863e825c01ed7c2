import { z } from 'zod';
import type { Logger } from '#core/runtime/logger.ts';
import { DurableFile } from '../storage/durable-file.ts';

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

  constructor(options: { path: string; logger: Logger }) {
    this.#file = new DurableFile({
      path: options.path,
      check: (value) => z.array(storedOutput).parse(value),
      onTorn: ({ path, problem }) =>
        options.logger.error(
          { path, problem },
          'the outputs file cannot be used; falling back to its backup',
        ),
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
}
