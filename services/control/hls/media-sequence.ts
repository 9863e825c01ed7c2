import type { Logger } from '#core/runtime/logger.ts';

/** Where the origin keeps the one number that must survive it. */
export interface SequenceStore {
  /** The last number saved; null if none ever was. */
  load(): number | null;
  save(sequence: number): void;
}

/** Numbers are reserved this many at a time: a segment a second then means one write in 17 minutes. */
const reservationSize = 1_000;
const seedEpochMs = Date.UTC(2025, 0, 1);
const seedUnitMs = 500;

/**
 * Media Sequence Numbers, which never go back and are never given twice, whatever kills the process
 * (rfc8216bis 6.2.2): what is stored is always beyond what was given out. Where nothing is stored they begin
 * with the half seconds since 2025: no setting makes shorter segments, so even then none comes again.
 */
export class MediaSequence {
  readonly #store: SequenceStore;
  readonly #nowMs: () => number;
  readonly #logger: Logger;
  #next: number | null = null;
  #reservedUntil = 0;

  constructor(options: { store: SequenceStore; nowMs: () => number; logger: Logger }) {
    this.#store = options.store;
    this.#nowMs = options.nowMs;
    this.#logger = options.logger;
  }

  /** Gives the next number, and stores a new reservation when the last one is used up. */
  take(): number {
    const sequence = this.#next ?? this.#load() ?? this.#seed();
    if (sequence >= this.#reservedUntil) this.#reserve(sequence + reservationSize);
    this.#next = sequence + 1;
    return sequence;
  }

  #load(): number | null {
    try {
      const stored = this.#store.load();
      if (stored === null || (Number.isSafeInteger(stored) && stored >= 0)) return stored;
      this.#logger.warn({ stored }, 'the stored media sequence is no number, beginning a new one');
    } catch (error) {
      this.#logger.warn({ err: error }, 'the media sequence cannot be read, beginning a new one');
    }
    return null;
  }

  #seed(): number {
    return Math.max(0, Math.floor((this.#nowMs() - seedEpochMs) / seedUnitMs));
  }

  #reserve(until: number): void {
    this.#reservedUntil = until;
    try {
      this.#store.save(until);
    } catch (error) {
      this.#logger.warn(
        { err: error },
        'the media sequence cannot be stored: players may trip over a restart',
      );
    }
  }
}
