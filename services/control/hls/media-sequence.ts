import { z } from 'zod';
import type { Logger } from '#core/runtime/logger.ts';

const storedSequence = z.object({
  /** No Media Sequence Number from here on was ever given. */
  media: z.number().int().min(0),
  /** The last Discontinuity Sequence Number that was. */
  discontinuity: z.number().int().min(0),
});
export type StoredSequence = z.infer<typeof storedSequence>;

/** Where the origin keeps the numbers that must survive it. */
export interface SequenceStore {
  /** What was saved last, null if nothing ever was; checked here. */
  load(): unknown;
  /** Called every thousand segments and at each discontinuity; at once, since it may be the last act. */
  save(sequence: StoredSequence): void;
}

/** Numbers are reserved this many at a time: a segment a second then means one write in 17 minutes. */
const reservationSize = 1_000;
const seedEpochMs = Date.UTC(2025, 0, 1);
const seedUnitMs = 500;

/**
 * Media Sequence Numbers, which never go back and are never given twice, whatever kills the process
 * (rfc8216bis 6.2.2): what is stored is always beyond what was given out. Where nothing is stored they begin
 * with the half seconds since 2025: no setting makes shorter segments, so even then none comes again.
 * Discontinuity Sequence Numbers don't go back either, but begin with 1: hls.js 1.7 walks through all of them
 * at every part, and a number like the other's keeps it busy for seconds.
 */
export class MediaSequence {
  readonly #store: SequenceStore;
  readonly #nowMs: () => number;
  readonly #logger: Logger;
  #next: number | null = null;
  #reservedUntil = 0;
  #discontinuity = 0;

  constructor(options: { store: SequenceStore; nowMs: () => number; logger: Logger }) {
    this.#store = options.store;
    this.#nowMs = options.nowMs;
    this.#logger = options.logger;
  }

  /** Gives the next Media Sequence Number. */
  take(): number {
    const sequence = this.#next ?? this.#begin();
    this.#next = sequence + 1;
    if (sequence >= this.#reservedUntil) {
      this.#reservedUntil = sequence + reservationSize;
      this.#save();
    }
    return sequence;
  }

  /** Gives the Discontinuity Sequence Number of what begins now. */
  takeDiscontinuity(): number {
    this.#next ??= this.#begin();
    this.#discontinuity += 1;
    this.#save();
    return this.#discontinuity;
  }

  #begin(): number {
    const stored = this.#load();
    this.#discontinuity = stored?.discontinuity ?? 0;
    const sequence = stored?.media ?? Math.max(0, Math.floor((this.#nowMs() - seedEpochMs) / seedUnitMs));
    this.#reservedUntil = sequence;
    return sequence;
  }

  #load(): StoredSequence | null {
    try {
      const stored = this.#store.load();
      return stored === null ? null : storedSequence.parse(stored);
    } catch (error) {
      this.#logger.warn({ err: error }, 'the stored media sequence is of no use, beginning a new one');
      return null;
    }
  }

  #save(): void {
    try {
      this.#store.save({ media: this.#reservedUntil, discontinuity: this.#discontinuity });
    } catch (error) {
      this.#logger.warn(
        { err: error },
        'the media sequence cannot be stored: players may trip over a restart',
      );
    }
  }
}
