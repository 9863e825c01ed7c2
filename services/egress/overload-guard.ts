import type { EngineLoad } from './engine.ts';

/** What a second looked like. */
export interface LoadSample {
  /** How late this process's own timers were, 95th percentile. */
  loopDelayMs: number;
  /** Null where the engine has no thread of its own. */
  engine: EngineLoad | null;
  /** Viewers to whom packets go. */
  viewers: number;
}

export type Pressure = 'none' | 'refuse' | 'shed';

/** Fewer viewers than this are not what makes a machine slow: refusing them would not help. */
const minViewers = 10;
/** Beyond these newcomers are refused; beyond those somebody has to go, or everybody's picture breaks. */
const refuseAt = { loopDelayMs: 60, lateMs: 40, busyRatio: 0.8 };
const shedAt = { loopDelayMs: 150, lateMs: 120, busyRatio: 0.95 };
/** One bad second may happen. */
const badSeconds = 2;
const calmSeconds = 5;

export const fullMessage = 'This box is full just now by WebRTC; LL-HLS works.';

/** Judges from this process's own figures whether it can serve more viewers, or has too many. */
export class OverloadGuard {
  #refuses = 0;
  #sheds = 0;
  #calm = calmSeconds;
  #refusing = false;

  /** Whether a newcomer finds no place. */
  get refusing(): boolean {
    return this.#refusing;
  }

  /** Once a second. @returns `shed`: the most recent viewer has to go */
  evaluate(sample: LoadSample): Pressure {
    const crowded = sample.viewers >= minViewers;
    this.#refuses = crowded && isBeyond(sample, refuseAt) ? this.#refuses + 1 : 0;
    this.#sheds = crowded && isBeyond(sample, shedAt) ? this.#sheds + 1 : 0;
    this.#calm = this.#refuses === 0 ? this.#calm + 1 : 0;
    if (this.#refuses >= badSeconds) this.#refusing = true;
    else if (this.#calm >= calmSeconds) this.#refusing = false;
    if (this.#sheds >= badSeconds) return 'shed';
    return this.#refusing ? 'refuse' : 'none';
  }
}

function isBeyond({ loopDelayMs, engine }: LoadSample, limit: typeof refuseAt): boolean {
  if (loopDelayMs > limit.loopDelayMs) return true;
  return engine !== null && (engine.lateMs > limit.lateMs || engine.busyRatio > limit.busyRatio);
}
