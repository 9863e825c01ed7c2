import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#core/domain/clock.ts';
import { readRecordedFile } from '#core/fmp4/recorded-file.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { dateRecording } from './recording-file.ts';
import { nameWithDate } from './recording-name.ts';

/**
 * The clock is set: gives files that were begun without one, since this start of the machine, the date at which they really
 * began, in their headers and names. Those of an earlier start stay as they are: nobody knows when that was.
 * @param options.except the file that is being written, which its recorder dates at its end
 */
export async function dateLate(options: {
  directories: readonly string[];
  except: string | null;
  bootId: string;
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  logger: Logger;
}): Promise<void> {
  const { directories, except, bootId, clock, logger } = options;
  for (const directory of directories) {
    for (const file of await readdir(directory).catch(() => [])) {
      const id = file.endsWith('.mp4') ? file.slice(0, -4) : null;
      if (id === null || id === except || nameWithDate(id, 0) === null) continue;
      const path = join(directory, file);
      try {
        const begun = await begunOf(path);
        if (begun?.bootId !== bootId) continue;
        const startedAtMs = clock.nowMs() - (clock.monotonicMs() - begun.monotonicMs);
        const dated = await dateRecording(path, nameWithDate(id, startedAtMs) ?? id, startedAtMs);
        logger.info({ path: dated }, 'the clock is set: the recording has its date now');
      } catch (error) {
        logger.warn({ err: error, path }, 'a recording stays without its date');
      }
    }
  }
}

async function begunOf(path: string): Promise<{ bootId: string; monotonicMs: number } | null> {
  const file = await open(path, 'r');
  try {
    const { begun, closing } = await readRecordedFile(file);
    return closing === 'open' ? null : begun; // a recorder may be about to close it
  } finally {
    await file.close();
  }
}
