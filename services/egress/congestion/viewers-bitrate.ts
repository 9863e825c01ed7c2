import type { Clock } from '#core/domain/clock.ts';
import type { FromEgress } from '#core/protocol/link/egress.ts';
import type { WatchSessions } from '../watch/watch-sessions.ts';
import { type BitrateDecision, TargetBitrate } from './target-bitrate.ts';

type Payload<Type extends FromEgress['type']> = Extract<FromEgress, { type: Type }>['payload'];

/** How often the bitrate may follow the viewers. */
const adaptEveryMs = 250;

interface Deps {
  clock: Clock;
  /** Null until there is an engine. */
  sessions: () => WatchSessions | null;
  /** The encode is to take another bitrate. */
  changed: () => void;
}

/** Follows the viewers' links with the one encode, and sends each what its link can take. */
export class ViewersBitrate {
  readonly #deps: Deps;
  readonly #target = new TargetBitrate({ ceilingKbps: 1, adaptive: false });
  #decision: BitrateDecision = { targetKbps: 0, heldBy: null };
  #cancel: () => void = () => {};

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get targetKbps(): number {
    return this.#target.targetKbps;
  }

  /** What control is told of it. */
  get report(): Payload<'egress_bitrate'> {
    const { targetKbps, heldBy } = this.#decision;
    const holder = this.#deps
      .sessions()
      ?.links()
      .find(({ id }) => id === heldBy);
    return { target_kbps: targetKbps, held_by: holder?.userId ?? null };
  }

  /** For the operator: who is here, and whom the stream waits for. */
  get viewers(): Payload<'egress_load'>['viewers'] {
    const nowMs = this.#deps.clock.monotonicMs();
    return (this.#deps.sessions()?.links() ?? []).map(({ id, userId, estimateKbps }) => ({
      session_id: id,
      user_id: userId,
      estimateKbps: estimateKbps === null ? null : Math.round(estimateKbps),
      holdsTarget: id === this.#decision.heldBy,
      keyFramesOnly: this.#target.fitness(id, nowMs) === 'key-frames',
    }));
  }

  start(): void {
    this.#cancel = this.#deps.clock.every(adaptEveryMs, () => this.#adapt());
  }

  configure(bitrate: { ceilingKbps: number; adaptive: boolean }): void {
    this.#target.configure(bitrate);
    this.#adapt();
  }

  close(): void {
    this.#cancel();
  }

  #adapt(): void {
    const { clock, changed } = this.#deps;
    const sessions = this.#deps.sessions();
    const nowMs = clock.monotonicMs();
    const decision = this.#target.evaluate(sessions?.links() ?? [], nowMs);
    sessions?.adapt((id) => this.#target.fitness(id, nowMs));
    const isOther = decision.targetKbps !== this.#decision.targetKbps;
    this.#decision = decision;
    if (isOther) changed();
  }
}
