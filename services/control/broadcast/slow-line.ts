import type { Clock } from '#core/domain/clock.ts';
import type { FromOutputs } from '#core/protocol/link/outputs.ts';

type Report = Extract<FromOutputs, { type: 'outputs_report' }>['payload']['outputs'][number];

/** A cut shows in what is sent only after the pictures that wait have gone out. */
const cutAtMostEveryMs = 5_000;
/** So long without a picture left out, the line is tried with a little more. */
const raiseEveryMs = 10_000;
const cutTo = 0.85;
const raiseBy = 1.15;
/** As for viewers on narrow links: below a third of what is set, pictures are left out instead. */
const floorShare = 1 / 3;

/**
 * What the encoder is to make for a destination whose line is too slow, where nobody else would see worse pictures for it:
 * less after each picture that had to be left out, and more again while none is. Pure but for its clock.
 */
export class SlowLine {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #dropped = new Map<string, number>();
  #limitKbps: number | null = null;
  #changedAtMs = Number.NEGATIVE_INFINITY;

  constructor({ clock }: { clock: Pick<Clock, 'monotonicMs'> }) {
    this.#clock = clock;
  }

  /** Null where lines take all that is set, or others see the pictures too. */
  get limitKbps(): number | null {
    return this.#limitKbps;
  }

  /**
   * @param reports each second, what is sent
   * @param state.othersWatch viewers, a recording: theirs are not to get worse
   * @param state.ceilingKbps what is set
   */
  observe(reports: readonly Report[], state: { othersWatch: boolean; ceilingKbps: number }): void {
    const nowMs = this.#clock.monotonicMs();
    const behind = reports.filter(({ id, droppedFrames }) => droppedFrames > (this.#dropped.get(id) ?? 0));
    this.#dropped.clear();
    for (const { id, droppedFrames } of reports) this.#dropped.set(id, droppedFrames);
    const sent = reports.filter((report) => report.state === 'live');
    // Where another destination takes everything, its pictures are not to get worse either.
    if (state.othersWatch || sent.length !== 1) {
      this.#limitKbps = null;
      return;
    }
    const sinceMs = nowMs - this.#changedAtMs;
    const now = Math.min(this.#limitKbps ?? state.ceilingKbps, state.ceilingKbps);
    if (behind.length > 0) {
      if (sinceMs < cutAtMostEveryMs) return;
      const taken = sent[0]?.bitrateKbps ?? null;
      const next = Math.min(now, taken === null || taken === 0 ? now : taken) * cutTo;
      this.#set(Math.max(next, state.ceilingKbps * floorShare), nowMs);
    } else if (this.#limitKbps !== null && sinceMs >= raiseEveryMs) {
      const next = now * raiseBy;
      this.#set(next >= state.ceilingKbps ? null : next, nowMs);
    }
  }

  /** The broadcast is over: the next one begins with all that is set. */
  reset(): void {
    this.#limitKbps = null;
    this.#changedAtMs = Number.NEGATIVE_INFINITY;
    this.#dropped.clear();
  }

  #set(limitKbps: number | null, nowMs: number): void {
    this.#limitKbps = limitKbps === null ? null : Math.round(limitKbps);
    this.#changedAtMs = nowMs;
  }
}
