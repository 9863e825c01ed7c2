import type { Clock } from '#core/domain/clock.ts';

/** What the decision rests on. */
export interface NetworkFacts {
  /** The box has an address in a network of others. */
  online: boolean;
  /** There is a radio that could serve. */
  radio: boolean;
  /** `network.wifi.accessPoint` */
  allowed: boolean;
  /** A network is being joined just now. */
  joining: boolean;
  /** Networks that would be joined by themselves if they were heard. */
  saved: number;
  /** When somebody last used the access point (monotonic); null for nobody. */
  lastVisitMs: number | null;
}

const afterBootMs = 60_000;
/** A router that restarts is back sooner. */
const afterLossMs = 5 * 60_000;
/** A radio that serves does not hear the router come back: without visitors it stops to listen. */
const lookAgainAfterMs = 5 * 60_000;
const lookForMs = 30_000;

/** Decides when the box opens a protected network of its own: where it has found none. */
export class AccessPointPolicy {
  readonly #clock: Clock;
  #offlineSinceMs: number | null;
  #graceMs = afterBootMs;
  #openSinceMs: number | null = null;
  #lookUntilMs = 0;

  /** From now on a network is waited for. */
  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
    this.#offlineSinceMs = clock.monotonicMs();
  }

  /** It is open already: the process before this one opened it. */
  adopt(): void {
    this.#openSinceMs = this.#clock.monotonicMs();
  }

  /** Whether the access point shall be open now; to be asked every few seconds. */
  decide(facts: NetworkFacts): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (facts.online) {
      this.#offlineSinceMs = null;
      this.#openSinceMs = null;
      this.#lookUntilMs = 0;
      return false;
    }
    if (this.#offlineSinceMs === null) {
      this.#offlineSinceMs = nowMs;
      this.#graceMs = afterLossMs;
    }
    if (!facts.radio || !facts.allowed) {
      this.#openSinceMs = null;
      return false;
    }
    if (facts.joining) return this.#openSinceMs !== null;
    if (this.#openSinceMs === null) {
      const waited = nowMs - this.#offlineSinceMs >= this.#graceMs;
      if (waited && nowMs >= this.#lookUntilMs) this.#openSinceMs = nowMs;
    } else if (facts.saved > 0) {
      const usedMs = Math.max(this.#openSinceMs, facts.lastVisitMs ?? 0);
      if (nowMs - usedMs >= lookAgainAfterMs) {
        this.#openSinceMs = null;
        this.#lookUntilMs = nowMs + lookForMs;
      }
    }
    return this.#openSinceMs !== null;
  }
}
