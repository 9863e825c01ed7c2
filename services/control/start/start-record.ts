import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Clock } from '#core/domain/clock.ts';

/** So many falls within so long, and the settings are put back. */
const withinMs = 60_000;
export const fallsBeforePutBack = 3;

const recordedStart = z.object({
  /** CLOCK_MONOTONIC: a wall clock may be set meanwhile. */
  atMs: z.number(),
  /** `starting` until it serves: a process that is gone and still `starting` was ended by its start. */
  outcome: z.enum(['starting', 'serving', 'fell']),
});
const recordedStarts = z.array(recordedStart);
type RecordedStart = z.infer<typeof recordedStart>;

/**
 * Control's latest starts and how they ended, in the runtime directory. A process that was killed while it served
 * did not fall: the settings are not to blame for it.
 */
export class StartRecord {
  readonly #path: string;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #earlier: RecordedStart[] = [];
  #own: RecordedStart | null = null;

  constructor(options: { path: string; clock: Pick<Clock, 'monotonicMs'> }) {
    this.#path = options.path;
    this.#clock = options.clock;
  }

  /** Notes a start. @returns how often control has fallen within the last minute */
  begin(): number {
    const nowMs = this.#clock.monotonicMs();
    this.#earlier = this.#load().filter(({ atMs }) => atMs <= nowMs && nowMs - atMs < withinMs);
    this.#own = { atMs: nowMs, outcome: 'starting' };
    this.#save();
    return this.#earlier.filter(({ outcome }) => outcome !== 'serving').length;
  }

  /** The falls so far have been dealt with. */
  forget(): void {
    this.#earlier = [];
    this.#save();
  }

  serving(): void {
    if (this.#own === null) return;
    this.#own.outcome = 'serving';
    this.#save();
  }

  /** An error that nobody caught ends this process. */
  fell(): void {
    this.#own = { atMs: this.#clock.monotonicMs(), outcome: 'fell' };
    this.#save();
  }

  /** Ended because it was told to. */
  close(): void {
    if (this.#own?.outcome === 'fell') return;
    this.#own = null;
    this.#save();
  }

  #load(): RecordedStart[] {
    try {
      return recordedStarts.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
    } catch {
      return []; // the first start
    }
  }

  /** At once, since the process may be about to end. Where it cannot be stored, nothing is put back. */
  #save(): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(this.#path, JSON.stringify([...this.#earlier, ...(this.#own ? [this.#own] : [])]));
    } catch {}
  }
}
