import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { Problem } from '#core/domain/problem.ts';
import { BackOff } from '#core/runtime/back-off.ts';
import type { Closable } from '#core/runtime/daemon.ts';
import type { Logger } from '#core/runtime/logger.ts';

/** A part that hangs at its start holds up nothing that comes after it. */
const firstTryMs = 1_000;

interface OptionalPart {
  /** Prefix of its problem's code, and its name in the log: "hub". */
  name: string;
  /** What people read when it fails, before the cause: "The hub cannot be used". */
  failing: string;
  action: string;
  /** May be called again after it failed. */
  start: () => Promise<void> | void;
}

/**
 * The parts that the box can do without: each starts beside control, fails alone, is tried again, and is named in
 * the status, the doctor, the studio and the lights while it fails.
 */
export class OptionalParts implements Closable {
  readonly events = new EventHub<{ problemsChanged: { problems: readonly Problem[] } }>();
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #problems = new Map<string, Problem>();
  readonly #retries = new Map<string, () => void>();
  #closed = false;

  constructor(options: { clock: Clock; logger: Logger }) {
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  get problems(): readonly Problem[] {
    return [...this.#problems.values()];
  }

  /**
   * Starts a part and retries it with increasing delays for as long as it fails. Never rejects.
   * @returns resolved after the first attempt, or after one second
   */
  start(part: OptionalPart): Promise<void> {
    const backOff = new BackOff({ firstMs: 1_000, maxMs: 60_000 });
    return new Promise((resolve) => {
      const cancelWait = this.#clock.after(firstTryMs, resolve);
      void this.#attempt(part, backOff).then(() => {
        cancelWait();
        resolve();
      });
    });
  }

  /** A part that has started says how it is; null while all is well. */
  report(name: string, problem: Problem | null): void {
    if (this.#closed || JSON.stringify(this.#problems.get(name) ?? null) === JSON.stringify(problem)) return;
    if (problem === null) this.#problems.delete(name);
    else this.#problems.set(name, problem);
    this.events.emit('problemsChanged', { problems: this.problems });
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#retries.values()) cancel();
    this.#retries.clear();
  }

  async #attempt(part: OptionalPart, backOff: BackOff): Promise<void> {
    const { name, failing, action } = part;
    this.#retries.delete(name);
    if (this.#closed) return;
    try {
      await part.start();
      this.report(`${name}-start`, null);
    } catch (error) {
      this.#logger.error({ err: error, part: name }, 'an optional part could not start, trying again');
      const cause = error instanceof Error ? error.message : String(error);
      this.report(`${name}-start`, {
        code: `${name}-failed`,
        message: `${failing}: ${sentence(cause)}`,
        action,
      });
      if (this.#closed) return;
      const retry = (): void => void this.#attempt(part, backOff);
      this.#retries.set(name, this.#clock.after(backOff.next(), retry));
    }
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
