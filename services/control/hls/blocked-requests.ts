import type { ServerResponse } from 'node:http';
import type { Clock } from '#core/domain/clock.ts';
import type { OnairError } from '#core/domain/errors.ts';
import { stalled, tooManyWaiting } from './refusals.ts';

interface BlockedRequest {
  response: ServerResponse;
  /** Answers if it can by now. */
  attempt: () => boolean;
  giveUp: (error: OnairError) => void;
  ticksLeft: number;
  forget: () => void;
}

/** Far beyond what one box serves; each costs a socket and a few hundred bytes. */
const maxBlocked = 2_000;
/** rfc8216bis 6.2.5.2: unavailable after blocking for more than three target durations. */
const patienceTicks = 4;

/** Requests for what does not exist yet. One timer serves them all. */
export class BlockedRequests {
  readonly #clock: Clock;
  readonly #blocked = new Set<BlockedRequest>();
  #stopTicking: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#blocked.size;
  }

  /**
   * Keeps a request until `attempt` answers it (it is called on each `wake`), its client goes away, or three to
   * four target durations have passed: then `giveUp` answers.
   * @throws OnairError `unavailable`: too many are waiting
   */
  add(
    response: ServerResponse,
    options: { attempt: () => boolean; giveUp: (error: OnairError) => void; targetDurationSeconds: number },
  ): void {
    if (this.#blocked.size >= maxBlocked) throw tooManyWaiting();
    const blocked: BlockedRequest = {
      response,
      attempt: options.attempt,
      giveUp: options.giveUp,
      ticksLeft: patienceTicks,
      forget: () => this.#remove(blocked),
    };
    this.#blocked.add(blocked);
    response.once('close', blocked.forget);
    this.#stopTicking ??= this.#clock.every(options.targetDurationSeconds * 1000, () => this.#tick());
  }

  /** Something has changed: answers whom it can. */
  wake(): void {
    for (const blocked of [...this.#blocked]) {
      if (blocked.attempt()) this.#remove(blocked);
    }
  }

  /** Nothing will come any more. */
  giveUpAll(error: OnairError): void {
    for (const blocked of [...this.#blocked]) {
      this.#remove(blocked);
      blocked.giveUp(error);
    }
  }

  #tick(): void {
    for (const blocked of [...this.#blocked]) {
      blocked.ticksLeft -= 1;
      if (blocked.ticksLeft > 0) continue;
      this.#remove(blocked);
      blocked.giveUp(stalled());
    }
  }

  #remove(blocked: BlockedRequest): void {
    this.#blocked.delete(blocked);
    blocked.response.off('close', blocked.forget);
    if (this.#blocked.size > 0) return;
    this.#stopTicking?.();
    this.#stopTicking = null;
  }
}
