import type { Clock } from '#core/domain/clock.ts';
import type { Seat } from './audience.ts';

/** An offer that leads to no connection holds a place no longer than this; it may connect later, if there is one. */
const placeTimeoutMs = 5_000;

/** The place that a watch session takes in the audience: asked for at once, and kept by who gets pictures in time. */
export class WatchPlace {
  readonly #enter: () => Seat | null;
  readonly #cancelTimeout: () => void;
  #seat: Seat | null;

  /**
   * @param options.enter takes a place; null for who needs none: viewers of other devices, and an operator's preview
   * @throws OnairError `full`
   */
  constructor(options: { clock: Clock; enter: () => Seat | null }) {
    this.#enter = options.enter;
    this.#seat = options.enter();
    this.#cancelTimeout = options.clock.after(placeTimeoutMs, () => this.#giveBack());
  }

  /** Pictures are sent: it lasts from now on. @throws OnairError `full` where it was given back, and is taken */
  sit(): void {
    this.#cancelTimeout();
    this.#seat ??= this.#enter();
    this.#seat?.setPictures(true);
  }

  /** May be called twice. */
  leave(): void {
    this.#cancelTimeout();
    this.#giveBack();
  }

  /** The box goes down: nobody is told of another audience. */
  close(): void {
    this.#cancelTimeout();
  }

  #giveBack(): void {
    this.#seat?.leave();
    this.#seat = null;
  }
}
