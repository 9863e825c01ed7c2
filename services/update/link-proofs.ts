import type { Problem } from '#core/domain/problem.ts';
import type { FromUpdate, ToUpdate } from '#core/protocol/link/update.ts';
import type { LinkClient } from '#core/runtime/link-client.ts';
import { UpdateError, updateReasons } from './update-error.ts';
import type { Proofs } from './updater.ts';

const pageWithinMs = 10_000;

/** Asks control for proof over the link, and looks at the page as anybody in the network would. */
export class LinkProofs implements Proofs {
  readonly #link: LinkClient<ToUpdate, FromUpdate>;
  #httpPort: number | null = null;
  #settle: ((reason: Problem | null) => void) | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(link: LinkClient<ToUpdate, FromUpdate>) {
    this.#link = link;
  }

  setPort(port: number | null): void {
    this.#httpPort = port;
  }

  hear(reason: Problem | null): void {
    this.#settle?.(reason);
  }

  /** One after the other: an answer does not say to which question. */
  ask(source: 'set' | 'test', withinMs: number): Promise<Problem | null> {
    const asked = this.#turn.then(() => this.#ask(source, withinMs));
    this.#turn = asked.catch(() => {});
    return asked;
  }

  async page(): Promise<Problem | null> {
    if (this.#httpPort === null) return updateReasons.pageAway('control has no port');
    try {
      const response = await fetch(`http://127.0.0.1:${this.#httpPort}/`, {
        signal: AbortSignal.timeout(pageWithinMs),
      });
      const text = await response.text();
      if (response.status === 200 && text.includes('<title>')) return null;
      return updateReasons.pageAway(`it answers with ${response.status}`);
    } catch (error) {
      return updateReasons.pageAway((error as Error).message);
    }
  }

  async #ask(source: 'set' | 'test', withinMs: number): Promise<Problem | null> {
    if (!this.#link.send({ type: 'update_prove', payload: { source } }))
      throw new UpdateError(updateReasons.controlAway);
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => end(() => resolve(updateReasons.proofLate)), withinMs);
      const end = (then: () => void): void => {
        clearTimeout(timer);
        this.#settle = null;
        stopListening();
        then();
      };
      const lost = (): void => end(() => reject(new UpdateError(updateReasons.controlAway)));
      const stopListening = this.#link.events.on('disconnected', lost);
      this.#settle = (reason) => end(() => resolve(reason));
    });
  }
}
