import type { Clock } from '#core/domain/clock.ts';
import { type Light, type LightPattern, samePattern } from '#core/hardware/light/light.ts';

/** A wire with a light on it: lit or dark, nothing else. */
export interface LightWire {
  start(): Promise<void>;
  set(lit: boolean): void;
  close(): void;
}

/** A light that the panel itself makes blink, where the kernel has no LED class for it. */
export class PlainLight implements Light {
  readonly #wire: LightWire;
  readonly #clock: Clock;
  #started = false;
  #pattern: LightPattern = 'off';
  #step = 0;
  #dueMs = 0;
  #cancel: () => void = () => {};

  constructor(options: { wire: LightWire; clock: Clock }) {
    this.#wire = options.wire;
    this.#clock = options.clock;
  }

  async start(): Promise<void> {
    await this.#wire.start();
    this.#started = true;
    this.#play();
  }

  show(pattern: LightPattern): void {
    // Steady light is set each time: somebody may have put it out while we hung.
    if (pattern !== 'on' && samePattern(pattern, this.#pattern)) return;
    this.#pattern = pattern;
    if (this.#started) this.#play();
  }

  /** Dark: the panel's own blinking ends with the panel. */
  close(): void {
    this.#cancel();
    if (!this.#started) return;
    this.#started = false;
    this.#wire.set(false);
    this.#wire.close();
  }

  #play(): void {
    this.#cancel();
    this.#step = 0;
    this.#dueMs = this.#clock.monotonicMs();
    if (typeof this.#pattern === 'string') this.#wire.set(this.#pattern === 'on');
    else this.#next(this.#pattern);
  }

  #next(stepsMs: readonly number[]): void {
    this.#wire.set(this.#step % 2 === 0);
    this.#dueMs += stepsMs[this.#step] ?? 0;
    this.#step = (this.#step + 1) % stepsMs.length;
    const delayMs = Math.max(0, this.#dueMs - this.#clock.monotonicMs());
    this.#cancel = this.#clock.after(delayMs, () => this.#next(stepsMs));
  }
}
