import { existsSync } from 'node:fs';
import type { Clock } from '#core/domain/clock.ts';
import type { Settings } from '#core/domain/settings.ts';
import { timeIsKnown } from '#core/runtime/known-time.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { SystemRequests } from '../network/system-requests.ts';

interface BoxClockOptions {
  /** Null where nobody would hear: in the demo. */
  requests: SystemRequests | null;
  settings: () => Settings;
  setTimeZone: (timeZone: string) => Promise<unknown>;
  /** When this version was made. */
  notBeforeMs: number;
  clock: Clock;
  logger: Logger;
  /** Where the system's files are, for tests. */
  root?: string;
}

/** The box's clock and zone: what it can't know itself, an operator's device tells it. */
export class BoxClock {
  readonly #deps: BoxClockOptions;

  constructor(deps: BoxClockOptions) {
    this.#deps = deps;
  }

  async applyTimeZone(): Promise<void> {
    const { requests, settings, logger } = this.#deps;
    const { timeZone } = settings().device;
    if (timeZone === null || requests === null) return;
    await requests.ask('time-zone', timeZone).catch((error) => {
      logger.warn({ err: error, timeZone }, 'the time zone cannot be set');
    });
  }

  /** @param told.unixMilliseconds since the epoch @returns what of it was taken */
  async tell(told: { unixMilliseconds: number; timeZone?: string | undefined }) {
    const { requests, settings, setTimeZone, logger } = this.#deps;
    const taken = { time: false, timeZone: false };
    if (requests === null) return taken;
    if (!this.#isKnown && told.unixMilliseconds >= this.#deps.notBeforeMs) {
      await requests.ask('clock', String(told.unixMilliseconds));
      taken.time = true;
      logger.info({ toldMs: told.unixMilliseconds }, 'an operator tells the time');
    }
    // On a computer that is not only a box the zone is its owner's.
    if (told.timeZone !== undefined && settings().device.timeZone === null && this.#isCard) {
      await setTimeZone(told.timeZone);
      taken.timeZone = true;
    }
    return taken;
  }

  get #isKnown(): boolean {
    const { clock, notBeforeMs, root } = this.#deps;
    return timeIsKnown({ nowMs: clock.nowMs(), notBeforeMs, ...(root === undefined ? {} : { root }) });
  }

  get #isCard(): boolean {
    return existsSync(`${this.#deps.root ?? ''}/usr/lib/onair-image`);
  }
}
