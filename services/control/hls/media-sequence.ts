import { z } from 'zod';
import type { Logger } from '#core/runtime/logger.ts';

const storedSequence = z.object({
  /** The next Media Sequence Number: none from here on was ever given. */
  media: z.number().int().min(0),
  /** The last Discontinuity Sequence Number that was. */
  discontinuity: z.number().int().min(0),
});
export type StoredSequence = z.infer<typeof storedSequence>;

/** Where the origin keeps the numbers that must survive it. */
export interface SequenceStore {
  /** What was saved last, null if nothing ever was; checked here. */
  load(): unknown;
  /** Called for each segment, before it is shown to anybody: not the place for a slow medium. */
  save(sequence: StoredSequence): void;
}

const seedEpochMs = Date.UTC(2025, 0, 1);
const seedUnitMs = 500;

interface Deps {
  store: SequenceStore;
  nowMs: () => number;
  logger: Logger;
}

/**
 * Media Sequence Numbers, which never go back and are never given twice, whatever kills the process (rfc8216bis
 * 6.2.2). Nor do they leap ahead, as hls.js places what comes next by its number. Where nothing is stored they
 * begin with the half seconds since 2025: no setting makes shorter segments, so even then none comes again.
 * Discontinuity Sequence Numbers don't go back either, but begin with 1: hls.js 1.7 counts up to them at every
 * part, and a number like the other's keeps it busy for seconds.
 */
export class MediaSequence {
  readonly #deps: Deps;
  #next: StoredSequence | null = null;
  #storable = true;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Numbers the segment that begins now. */
  take(options: { discontinuity: boolean }): StoredSequence {
    const last = this.#next ?? this.#load() ?? { media: this.#seed(), discontinuity: 0 };
    const discontinuity = last.discontinuity + (options.discontinuity ? 1 : 0);
    this.#next = { media: last.media + 1, discontinuity };
    this.#save(this.#next);
    return { media: last.media, discontinuity };
  }

  #seed(): number {
    return Math.max(0, Math.floor((this.#deps.nowMs() - seedEpochMs) / seedUnitMs));
  }

  #load(): StoredSequence | null {
    try {
      const stored = this.#deps.store.load();
      return stored === null ? null : storedSequence.parse(stored);
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'the stored media sequence is of no use, beginning a new one');
      return null;
    }
  }

  #save(next: StoredSequence): void {
    try {
      this.#deps.store.save(next);
      this.#storable = true;
    } catch (error) {
      if (!this.#storable) return; // said already; it comes once a segment
      this.#storable = false;
      this.#deps.logger.warn(
        { err: error },
        'the media sequence cannot be stored: players may trip over a restart',
      );
    }
  }
}
