import type { Clock } from '#core/domain/clock.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { reasonOf } from '../reasons.ts';
import type { PipelinePlan } from './plan.ts';

/** A hardware encoder that dies so often within this time is left alone, however well it began. */
const mostDeaths = 3;
const withinMs = 300_000;
/** Then it is left alone for so long; each time for twice as long. */
const firstRestMs = 60_000;
const longestRestMs = 600_000;

/** What failed encoders taught about the machine: kept until another request comes. */
export class Experience {
  readonly #logger: Logger;
  readonly #clock: Clock;
  #deathsMs: number[] = [];
  #restMs = firstRestMs;
  #avoided = false;
  #seen = false;

  constructor({ logger, clock }: { logger: Logger; clock: Clock }) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Why the hardware encoder is not to be used now; null where it may be. */
  get avoidance(): Problem | null {
    return this.#avoided ? reasonOf('encoder-gave-up') : null;
  }

  /** There has been a hardware encoder. */
  get seen(): boolean {
    return this.#seen;
  }

  /** How long to leave the hardware encoder alone. */
  get restMs(): number {
    return this.#restMs;
  }

  /** An encoder began. */
  begin({ encoder }: Pick<PipelinePlan, 'encoder'>): void {
    if (encoder === 'v4l2h264enc') this.#seen = true;
  }

  /**
   * An encoder ended. One that dies early will die again: the next one is x264enc at once, so that pictures go on.
   * @param early it had not run for long
   */
  learn({ encoder }: Pick<PipelinePlan, 'encoder'>, early: boolean): void {
    if (encoder !== 'v4l2h264enc') return;
    const nowMs = this.#clock.monotonicMs();
    this.#deathsMs = [...this.#deathsMs, nowMs].filter((atMs) => nowMs - atMs < withinMs);
    if (!early && this.#deathsMs.length < mostDeaths) return;
    if (this.#avoided) return;
    this.#avoided = true;
    this.#logger.warn('the hardware encoder failed: x264enc stands in for it');
  }

  /** The hardware encoder gets another chance; after it, a longer rest. */
  forgive(): void {
    if (!this.#avoided) return;
    this.#avoided = false;
    this.#deathsMs = [];
    this.#restMs = Math.min(longestRestMs, this.#restMs * 2);
  }

  forget(): void {
    this.#deathsMs = [];
    this.#restMs = firstRestMs;
    this.#avoided = false;
    this.#seen = false;
  }
}
