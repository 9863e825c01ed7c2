import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';

/** How somebody's asking for the button ended; `left`: who asked went away. */
export type PairingOutcome = 'granted' | 'timeout' | 'overlap' | 'left';

/** Somebody who waits for the button. */
export interface PairingWait {
  outcome: Promise<PairingOutcome>;
  /** Who asked went away; nothing happens where it is answered already. */
  leave(): void;
}

/** What a press did here; anything else a press may mean is not pairing's business. */
export type PairingPress = 'pairing-confirmed' | 'pairing-window-closed' | 'pairing-window-opened';

/** How pairing stands, for `GET /api/v1/pairing` and the lights. */
export interface PairingSnapshot {
  /** Somebody waits for the button. */
  waiting: boolean;
  /** A long press opened the door: the next who asks is let in. */
  windowOpen: boolean;
  /** Too many wrong codes: none is taken until the button is pressed. */
  locked: boolean;
  /** ISO 8601; until when the waiting or the window lasts. */
  expiresAt: string | null;
}

type Press = 'short' | 'long' | 'very-long';

/** So long does somebody wait for the button, and so long does another's asking count as "at the same time". */
const waitMs = 30_000;
const windowMs = 60_000;
const codeLifetimeMs = 5 * 60_000;
const maxWrongCodes = 5;
/** Who asks again and again would be there for any press, also one that was meant to go live. */
const maxInVain = 5;
const inVainForMs = 10 * 60_000;
const rememberedAskers = 32;

interface Waiting {
  sinceMs: number;
  settle: (outcome: PairingOutcome) => void;
}

/**
 * How somebody becomes operator: by a press of the real button while they ask, by asking while a long press has
 * opened the door, or by a code that only the box itself shows. Two who ask at once are both refused (as Wi-Fi
 * Protected Setup does with an overlap): nobody could say which of them the button means.
 */
export class Pairing {
  readonly events = new EventHub<{ pairingChanged: PairingSnapshot }>();
  readonly #clock: Clock;
  readonly #newCode: () => string;
  readonly #sameSecret: (one: string, other: string) => boolean;
  #waiting: Waiting | null = null;
  #windowSinceMs: number | null = null;
  #expiresAt: string | null = null;
  #cancelExpiry: () => void = () => {};
  #code: { code: string; untilMs: number } | null = null;
  #wrongCodes = 0;
  /** When those who asked and were not let in did so. */
  #inVainAtMs: number[] = [];
  /** Who was not let in, and when last. */
  readonly #turnedAway = new Map<string, number>();

  /**
   * @param options.newCode six digits that nobody can guess
   * @param options.sameSecret compares without telling by its duration how far they agree
   */
  constructor(options: {
    clock: Clock;
    newCode: () => string;
    sameSecret: (one: string, other: string) => boolean;
  }) {
    this.#clock = options.clock;
    this.#newCode = options.newCode;
    this.#sameSecret = options.sameSecret;
  }

  get snapshot(): PairingSnapshot {
    return {
      waiting: this.#waiting !== null,
      windowOpen: this.#windowSinceMs !== null,
      locked: this.#wrongCodes >= maxWrongCodes,
      expiresAt: this.#expiresAt,
    };
  }

  /**
   * Waits for the button, 30 s at most; an open window grants at once.
   * @param from the address of who asks
   * @returns null where too many asked in vain lately: only a long press or a code helps then
   */
  ask(from: string): PairingWait | null {
    if (this.#windowSinceMs !== null) return answered(this.#takeWindow(from));
    if (this.#waiting !== null) {
      this.#turnAway(from);
      this.#end('overlap');
      return answered('overlap');
    }
    if (this.#inVain >= maxInVain) {
      this.#noteTurnedAway(from);
      return null;
    }
    return this.#wait(from);
  }

  /** A code for five minutes and one use; one that was made before is void. */
  makeCode(): { code: string; expiresAt: string } {
    const code = this.#newCode();
    this.#code = { code, untilMs: this.#clock.monotonicMs() + codeLifetimeMs };
    return { code, expiresAt: new Date(this.#clock.nowMs() + codeLifetimeMs).toISOString() };
  }

  /** Wrong ones count whether or not there is a code, so that nobody learns which. */
  tryCode(code: string): 'granted' | 'wrong' | 'locked' {
    if (this.snapshot.locked) return 'locked';
    const known = this.#code;
    if (known && this.#clock.monotonicMs() < known.untilMs && this.#sameSecret(code, known.code)) {
      this.#code = null;
      this.#wrongCodes = 0;
      return 'granted';
    }
    this.#wrongCodes += 1;
    if (this.snapshot.locked) this.#announce();
    return 'wrong';
  }

  /**
   * The real button.
   * @param ageMs since the edge: a press that came before somebody asked doesn't mean them
   * @returns what it answered here; null where it means what it always does
   */
  press(press: Press, ageMs: number): PairingPress | null {
    if (this.#wrongCodes > 0) {
      this.#wrongCodes = 0;
      this.#announce();
    }
    if (press === 'very-long') return null;
    const atMs = this.#clock.monotonicMs() - ageMs;
    if (this.#waiting !== null && this.#waiting.sinceMs <= atMs) {
      this.#inVainAtMs = [];
      this.#end('granted');
      return 'pairing-confirmed';
    }
    if (this.#windowSinceMs !== null && this.#windowSinceMs <= atMs) {
      this.#closeWindow();
      return 'pairing-window-closed';
    }
    if (press === 'short') return null;
    this.#openWindow();
    return 'pairing-window-opened';
  }

  /** Who waits hears that nothing will come of it. */
  close(): void {
    this.#cancelExpiry();
    this.#windowSinceMs = null;
    this.#end('left');
  }

  get #inVain(): number {
    const sinceMs = this.#clock.monotonicMs() - inVainForMs;
    this.#inVainAtMs = this.#inVainAtMs.filter((atMs) => atMs > sinceMs);
    return this.#inVainAtMs.length;
  }

  #wait(from: string): PairingWait {
    let settle: (outcome: PairingOutcome) => void = () => {};
    const outcome = new Promise<PairingOutcome>((resolve) => {
      settle = resolve;
    });
    const waiting: Waiting = {
      sinceMs: this.#clock.monotonicMs(),
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
    const sinceMs = this.#clock.monotonicMs() - waitMs;
    const rivals = [...this.#turnedAway].some(([other, atMs]) => other !== from && atMs > sinceMs);
    if (rivals) this.#turnAway(from);
    this.#closeWindow();
    return rivals ? 'overlap' : 'granted';
  }

  #openWindow(): void {
    this.#end('overlap'); // who asked after the button went down
    this.#inVainAtMs = [];
    this.#windowSinceMs = this.#clock.monotonicMs();
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
    this.#inVainAtMs = [...this.#inVainAtMs, this.#clock.monotonicMs()].slice(-maxInVain);
    this.#noteTurnedAway(from);
  }

  #noteTurnedAway(from: string): void {
    this.#turnedAway.delete(from); // the latest stands last
    this.#turnedAway.set(from, this.#clock.monotonicMs());
    const [oldest] = this.#turnedAway.keys();
    if (this.#turnedAway.size > rememberedAskers && oldest !== undefined) this.#turnedAway.delete(oldest);
  }

  #expireIn(delayMs: number, expired: () => void): void {
    this.#cancelExpiry();
    this.#expiresAt = new Date(this.#clock.nowMs() + delayMs).toISOString();
    this.#cancelExpiry = this.#clock.after(delayMs, expired);
  }

  #announce(): void {
    this.events.emit('pairingChanged', this.snapshot);
  }
}

function answered(outcome: PairingOutcome): PairingWait {
  return { outcome: Promise.resolve(outcome), leave: () => {} };
}
