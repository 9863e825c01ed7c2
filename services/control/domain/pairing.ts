import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import { longPressMs } from '#core/domain/press-length.ts';
import { AddressRates } from './address-rates.ts';

/** How somebody's asking for the button ended; `left`: who asked went away. */
export type PairingOutcome = 'granted' | 'timeout' | 'overlap' | 'left';

/** Somebody who waits for the button. */
export interface PairingWait {
  outcome: Promise<PairingOutcome>;
  /** Who asked went away; nothing happens where it is answered already. */
  leave(): void;
}

/** What the button is asked for: to make somebody operator, or to have the lights prove the box. */
export type PairingPurpose = 'operate' | 'prove';

/** What a press did here; anything else a press may mean is not pairing's business. */
export type PairingPress = 'pairing-confirmed' | 'pairing-window-opened' | 'proof-confirmed';

/** How pairing stands, for `GET /api/v1/pairing` and the lights. */
export interface PairingSnapshot {
  /** Somebody waits for the button. */
  waiting: boolean;
  /** A long press opened the door: the next who asks is let in. */
  windowOpen: boolean;
  /** ISO 8601; until when the waiting or the window lasts. */
  expiresAt: string | null;
}

type Press = 'short' | 'long' | 'very-long';

/** So long does somebody wait for the button, and so long does another's asking count as "at the same time". */
const waitMs = 30_000;
const windowMs = 60_000;
const codeLifetimeMs = 5 * 60_000;
/** Wrong codes of one address: typing errors, then one in 10 s. */
const wrongCodes = { ratePerSecond: 0.1, burst: 5 };
/** Asking for the button in vain: an address that goes on is there for any press, and counts no more for a while. */
const asksInVain = { ratePerSecond: 1 / 60, burst: 5 };
/**
 * A code is six digits: past so many wrong tries at one it is void, from any address (a chance of 1 in 1,000), and past
 * the lower number for addresses that were wrong too often, so that one of them can't use that up.
 */
const maxTries = 1_000;
const maxTriesOfSlowed = 200;
const rememberedAskers = 32;

interface Waiting {
  purpose: PairingPurpose;
  sinceMs: number;
  settle: (outcome: PairingOutcome) => void;
}

interface Deps {
  clock: Clock;
  newCode: () => string;
  sameSecret: (one: string, other: string) => boolean;
}

/**
 * How somebody becomes operator: by a long press of the real button while they ask, by asking while a long press has
 * opened the door, or by a code that only the box itself shows. A short press is never for pairing: it goes live or
 * stops, and an attacker who waits for it gets nothing. Tries are counted for each address and for each code, so that
 * strangers slow down themselves and nobody else. Two who ask at once are both refused (as Wi-Fi
 * Protected Setup does with an overlap): nobody could say which of them the button means. That the lights prove the box
 * is asked for in the same way, so that one press never answers both.
 */
export class Pairing {
  readonly events = new EventHub<{ pairingChanged: PairingSnapshot }>();
  readonly #deps: Deps;
  #waiting: Waiting | null = null;
  #windowSinceMs: number | null = null;
  #expiresAt: string | null = null;
  #cancelExpiry: () => void = () => {};
  #code: { code: string; untilMs: number; tries: number; slowedTries: number } | null = null;
  readonly #wrongCodes: AddressRates;
  readonly #asksInVain: AddressRates;
  /** Those who ask too often, and when last. */
  readonly #lurking = new Map<string, number>();
  /** Who was not let in, and when last. */
  readonly #turnedAway = new Map<string, number>();

  /**
   * @param deps.newCode six digits that nobody can guess
   * @param deps.sameSecret compares without telling by its duration how far they agree
   */
  constructor(deps: Deps) {
    this.#deps = deps;
    this.#wrongCodes = new AddressRates({ clock: deps.clock, ...wrongCodes });
    this.#asksInVain = new AddressRates({ clock: deps.clock, ...asksInVain });
  }

  get snapshot(): PairingSnapshot {
    return {
      waiting: this.#waiting !== null,
      windowOpen: this.#windowSinceMs !== null,
      expiresAt: this.#expiresAt,
    };
  }

  /** What a long press answers now; null where nobody asks. */
  get asked(): PairingPurpose | null {
    return this.#waiting?.purpose ?? null;
  }

  /**
   * Waits for the button, 30 s at most; an open window grants operating at once, and nothing else.
   * @param from the address of who asks
   * @returns null where that address asked in vain too often lately: only a long press or a code helps then
   */
  ask(from: string, purpose: PairingPurpose = 'operate'): PairingWait | null {
    if (purpose !== 'operate' && this.#windowSinceMs !== null) return answered('overlap');
    const slowed = !this.#asksInVain.has(from);
    if (slowed && (this.#windowSinceMs === null || this.#lurks(from, this.#windowSinceMs))) {
      remember(this.#lurking, from, this.#deps.clock.monotonicMs());
      return null;
    }
    if (this.#windowSinceMs !== null) return answered(this.#takeWindow(from));
    if (this.#waiting !== null) {
      this.#turnAway(from);
      this.#end('overlap');
      return answered('overlap');
    }
    return this.#wait(from, purpose);
  }

  /** A code for five minutes and one use; one that was made before is void. */
  makeCode(): { code: string; expiresAt: string } {
    const code = this.#deps.newCode();
    this.#code = { code, untilMs: this.#deps.clock.monotonicMs() + codeLifetimeMs, tries: 0, slowedTries: 0 };
    return { code, expiresAt: new Date(this.#deps.clock.nowMs() + codeLifetimeMs).toISOString() };
  }

  /** Whether an address gave so many wrong codes that it has to wait between tries. */
  isSlowed(from: string): boolean {
    return !this.#wrongCodes.has(from);
  }

  /**
   * Wrong ones count whether or not there is a code, so that nobody learns which.
   * @param from the address of who tries
   * @returns `slowed` for a wrong one of an address that was wrong too often; the right one is taken all the same
   */
  tryCode(code: string, from: string): 'granted' | 'wrong' | 'slowed' {
    const slowed = this.isSlowed(from);
    if (this.#isRight(code, slowed)) {
      this.#code = null;
      this.#wrongCodes.forget(from);
      return 'granted';
    }
    this.#wrongCodes.take(from);
    return slowed ? 'slowed' : 'wrong';
  }

  /**
   * The real button.
   * @param ageMs since the edge that ended the press
   * @returns what it answered here; null where it means what it always does
   */
  press(press: Press, ageMs: number): PairingPress | null {
    if (press !== 'long') return null;
    // Who asks while the button is down already is not who it means.
    const downAtMs = this.#deps.clock.monotonicMs() - ageMs - longPressMs;
    if (this.#waiting !== null && this.#waiting.sinceMs <= downAtMs) {
      const { purpose } = this.#waiting;
      this.#end('granted');
      return purpose === 'prove' ? 'proof-confirmed' : 'pairing-confirmed';
    }
    this.#openWindow();
    return 'pairing-window-opened';
  }

  /** Who waits hears that nothing will come of it. */
  close(): void {
    this.#cancelExpiry();
    this.#windowSinceMs = null;
    this.#end('left');
  }

  #isRight(code: string, slowed: boolean): boolean {
    const known = this.#code;
    if (known === null || this.#deps.clock.monotonicMs() >= known.untilMs) return false;
    const left = slowed ? known.slowedTries < maxTriesOfSlowed : known.tries < maxTries;
    if (!left) return false;
    if (slowed) known.slowedTries += 1;
    else known.tries += 1;
    return this.#deps.sameSecret(code, known.code);
  }

  /** Asked all the while, even with a finger on the button: nobody who stands beside the box. */
  #lurks(from: string, windowSinceMs: number): boolean {
    return (this.#lurking.get(from) ?? Number.NEGATIVE_INFINITY) > windowSinceMs - longPressMs;
  }

  #wait(from: string, purpose: PairingPurpose): PairingWait {
    let settle: (outcome: PairingOutcome) => void = () => {};
    const outcome = new Promise<PairingOutcome>((resolve) => {
      settle = resolve;
    });
    const waiting: Waiting = {
      purpose,
      sinceMs: this.#deps.clock.monotonicMs(),
      settle: (how) => {
        if (how !== 'granted') this.#turnAway(from);
        settle(how);
      },
    };
    this.#waiting = waiting;
    this.#expireIn(waitMs, () => this.#end('timeout'));
    this.#announce();
    const leave = (): void => {
      if (this.#waiting === waiting) this.#end('left');
    };
    return { outcome, leave };
  }

  /** One that somebody else was after, too, until just now is closed to both. */
  #takeWindow(from: string): PairingOutcome {
    const sinceMs = this.#deps.clock.monotonicMs() - waitMs;
    const rivals = [...this.#turnedAway].some(
      ([other, atMs]) => other !== from && atMs > sinceMs && this.#asksInVain.has(other),
    );
    if (rivals) this.#turnAway(from);
    this.#closeWindow();
    return rivals ? 'overlap' : 'granted';
  }

  #openWindow(): void {
    this.#end('overlap'); // who asked after the button went down
    this.#windowSinceMs = this.#deps.clock.monotonicMs();
    this.#expireIn(windowMs, () => this.#closeWindow());
    this.#announce();
  }

  #closeWindow(): void {
    this.#cancelExpiry();
    this.#windowSinceMs = null;
    this.#expiresAt = null;
    this.#announce();
  }

  #end(outcome: PairingOutcome): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    this.#cancelExpiry();
    this.#waiting = null;
    this.#expiresAt = null;
    waiting.settle(outcome);
    this.#announce();
  }

  #turnAway(from: string): void {
    this.#asksInVain.take(from);
    remember(this.#turnedAway, from, this.#deps.clock.monotonicMs());
  }

  #expireIn(delayMs: number, expired: () => void): void {
    this.#cancelExpiry();
    this.#expiresAt = new Date(this.#deps.clock.nowMs() + delayMs).toISOString();
    this.#cancelExpiry = this.#deps.clock.after(delayMs, expired);
  }

  #announce(): void {
    this.events.emit('pairingChanged', this.snapshot);
  }
}

function answered(outcome: PairingOutcome): PairingWait {
  return { outcome: Promise.resolve(outcome), leave: () => {} };
}

function remember(askers: Map<string, number>, from: string, atMs: number): void {
  askers.delete(from); // the latest stands last
  askers.set(from, atMs);
  const [oldest] = askers.keys();
  if (askers.size > rememberedAskers && oldest !== undefined) askers.delete(oldest);
}
