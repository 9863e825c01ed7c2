import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { FingerprintPlace } from '#core/protocol/endpoints/certificate.ts';

/** Twice the longest pattern, so that somebody who began late can count it whole. */
const shownForMs = 60_000;
const perRow = 8;

interface Deps {
  clock: Clock;
  /** At random, below `count`. */
  pick: (count: number) => number;
}

/**
 * How the lights prove the box to somebody who holds a certificate: they flash one digit of the real authority's fingerprint,
 * and where it stands. Whatever the box answers over the network, somebody in between can pass on beside a certificate of
 * their own; so the light alone says everything, and the place is chosen only after the button was held: who made another
 * certificate had to make it without knowing which digit will be asked for.
 */
export class BoxProof {
  readonly events = new EventHub<{ proofChanged: { shown: FingerprintPlace | null } }>();
  readonly #deps: Deps;
  #shown: FingerprintPlace | null = null;
  #cancel: () => void = () => {};

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** What the lights flash; null for nothing. */
  get shown(): FingerprintPlace | null {
    return this.#shown;
  }

  /**
   * Has the lights flash another place for a minute.
   * @param sha256 of the authority, `AA:BB:…`
   */
  show(sha256: string): FingerprintPlace & { expiresAt: string } {
    const places = placesOf(sha256);
    const place = places[this.#deps.pick(places.length)];
    if (place === undefined) throw new Error(`a fingerprint without a digit: ${sha256}`);
    this.#cancel();
    this.#cancel = this.#deps.clock.after(shownForMs, () => this.#set(null));
    this.#set(place);
    return { ...place, expiresAt: new Date(this.#deps.clock.nowMs() + shownForMs).toISOString() };
  }

  close(): void {
    this.#cancel();
  }

  #set(shown: FingerprintPlace | null): void {
    this.#shown = shown;
    this.events.emit('proofChanged', { shown });
  }
}

/** Where a digit from 1 to 9 stands: the others cannot be flashed, or are letters that take long to count. */
export function placesOf(sha256: string): FingerprintPlace[] {
  return [...sha256.replaceAll(':', '')].flatMap((character, index) =>
    /[1-9]/.test(character)
      ? [{ row: Math.floor(index / perRow) + 1, column: (index % perRow) + 1, digit: Number(character) }]
      : [],
  );
}
