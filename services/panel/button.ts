import type { Clock } from '#core/domain/clock.ts';
import { longPressMs } from '#core/domain/press-length.ts';

export type Press = 'short' | 'long' | 'very-long';

/** What a finger on the button means so far, for the lights. */
export type ButtonPhase = 'released' | 'held' | 'warning';

/** Contacts bounce for a few milliseconds, long wires pick up glitches of 5 ms: both are shorter than this. */
const debounceMs = 40;
/** From here on the reset announces itself; letting go now does nothing. */
const warningMs = 7_000;
const veryLongPressMs = 10_000;

interface Deps {
  clock: Clock;
  /** `atMs`: when the edge that made it came, by the clock's `monotonicMs`. */
  onPress: (press: Press, atMs: number) => void;
  onPhase: (phase: ButtonPhase) => void;
}

/**
 * Makes presses of raw edges: short on release, long on release between 3 s and 7 s, very long at 10 s while still
 * held. A button that is down when the daemon starts is stuck or held through a restart: its first release counts
 * for nothing.
 */
export class Button {
  readonly #deps: Deps;
  #raw: boolean | null = null;
  #stable = false;
  #armed = true;
  #downAtMs = 0;
  #edgeAtMs = 0;
  #cancelDebounce: () => void = () => {};
  #cancelHold: () => void = () => {};

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * A raw level; the first one tells how the button stands at the start.
   * @param ageMs how long ago its edge was: a busy machine may hear of a whole press at once
   */
  level(pressed: boolean, ageMs = 0): void {
    if (this.#raw === null) {
      this.#raw = pressed;
      this.#stable = pressed;
      this.#armed = !pressed;
      return;
    }
    if (pressed === this.#raw) return;
    const atMs = this.#deps.clock.monotonicMs() - ageMs;
    this.#cancelDebounce();
    // It stood so for long enough before this edge, only that nobody was there to see it.
    if (this.#raw !== this.#stable && atMs - this.#edgeAtMs >= debounceMs) this.#settle(this.#raw);
    this.#raw = pressed;
    this.#edgeAtMs = atMs;
    if (pressed === this.#stable) return; // back where it was: a bounce or a glitch
    this.#cancelDebounce = this.#deps.clock.after(Math.max(0, debounceMs - ageMs), () =>
      this.#settle(pressed),
    );
  }

  close(): void {
    this.#cancelDebounce();
    this.#cancelHold();
  }

  #settle(pressed: boolean): void {
    this.#stable = pressed;
    if (pressed) this.#pressed();
    else this.#released();
  }

  #pressed(): void {
    this.#armed = true;
    this.#downAtMs = this.#edgeAtMs;
    this.#deps.onPhase('held');
    this.#holdUntil(warningMs, () => {
      this.#deps.onPhase('warning');
      this.#holdUntil(veryLongPressMs, () => {
        this.#armed = false;
        this.#deps.onPress('very-long', this.#deps.clock.monotonicMs());
      });
    });
  }

  #released(): void {
    this.#cancelHold();
    this.#deps.onPhase('released');
    if (!this.#armed) return;
    const heldMs = this.#edgeAtMs - this.#downAtMs;
    if (heldMs < longPressMs) this.#deps.onPress('short', this.#edgeAtMs);
    else if (heldMs < warningMs) this.#deps.onPress('long', this.#edgeAtMs);
  }

  #holdUntil(heldMs: number, reached: () => void): void {
    const elapsedMs = this.#deps.clock.monotonicMs() - this.#downAtMs;
    this.#cancelHold = this.#deps.clock.after(Math.max(0, heldMs - elapsedMs), () => {
      if (this.#raw) reached();
      // Up at this very moment: let go, or a glitch. The debounce knows by then, and ends this if it was let go.
      else this.#cancelHold = this.#deps.clock.after(debounceMs, () => this.#holdUntil(heldMs, reached));
    });
  }
}
