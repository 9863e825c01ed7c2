/** A source that was asked for has so long to deliver, while what was on the air before stays there. */
const deadlineMs = 10_000;

/** From one source to another: what was on the air stays there until the new one delivers. Sources are settings. */
export class SourceSwitch {
  readonly #expired: (afterMs: number) => void;
  #wanted: string | null = null;
  #former: string | null = null;
  #last: string | null = null;
  #deadline: NodeJS.Timeout | null = null;

  /** @param options.expired what was asked for has not delivered in time */
  constructor({ expired }: { expired: (afterMs: number) => void }) {
    this.#expired = expired;
  }

  /** Null while nothing is. */
  get wanted(): string | null {
    return this.#wanted;
  }

  /** What stays on the air until the wanted one delivers; null where none is waited for. */
  get former(): string | null {
    return this.#former;
  }

  /** What was on the air before the one that is. */
  get last(): string | null {
    return this.#last;
  }

  /** Another one is wanted. */
  to(wanted: string): void {
    this.#clearDeadline();
    // One that was asked for meanwhile and never delivered is none to stay with.
    this.#former ??= this.#wanted;
    if (this.#former === wanted) this.#former = null;
    this.#wanted = wanted;
    if (this.#former === null) return;
    this.#deadline = setTimeout(() => this.#expired(deadlineMs), deadlineMs);
  }

  /** The wanted one delivers. @returns whether it was waited for */
  arrive(): boolean {
    if (this.#former === null) return false;
    this.#last = this.#former;
    this.#former = null;
    this.#clearDeadline();
    return true;
  }

  /** The former one is waited with no longer. @param back it is wanted again. @returns whether there was one */
  giveUp({ back }: { back: boolean }): boolean {
    this.#clearDeadline();
    const former = this.#former;
    this.#former = null;
    if (former === null) return false;
    if (back) this.#wanted = former;
    return true;
  }

  stop(): void {
    this.#clearDeadline();
    this.#wanted = null;
    this.#former = null;
    this.#last = null;
  }

  #clearDeadline(): void {
    if (this.#deadline) clearTimeout(this.#deadline);
    this.#deadline = null;
  }
}
