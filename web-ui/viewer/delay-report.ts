import { reportDelay } from '#core/protocol/endpoints/watching.ts';
import { callApi } from '../page/api.ts';
import type { Delay } from '../player/delay-estimate.ts';

/** The box keeps the worst of each 5 s for ten minutes; each viewer need not be in every one. */
const everyMs = 10_000;

/** Tells the box now and then how far behind the camera this page is: the operator sees the worst of all. */
export class DelayReport {
  #saidAtMs = Number.NEGATIVE_INFINITY;

  /** @param delay null where it isn't known, or where somebody went back on purpose */
  note(delay: Delay | null, nowMs: number): void {
    if (delay?.basis !== 'capture' || nowMs - this.#saidAtMs < everyMs) return;
    this.#saidAtMs = nowMs;
    const body = { delayMs: Math.round(delay.ms) };
    callApi(reportDelay, { body }).catch(() => {}); // next time
  }
}
