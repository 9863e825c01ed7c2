import type { Session } from './session.ts';
import type { Way } from './way-chooser.ts';

/** A session and what the player knows of it. */
export interface Running {
  readonly way: Way;
  session: Session;
  openedAtMs: number;
  playing: boolean;
}

export type Place = 'current' | 'candidate';

/** The session that is watched, and one that begins beside it to replace it as soon as it shows a picture. */
export class Places {
  readonly #running: Record<Place, Running | null> = { current: null, candidate: null };

  get current(): Running | null {
    return this.#running.current;
  }

  get candidate(): Running | null {
    return this.#running.candidate;
  }

  at(place: Place): Running | null {
    return this.#running[place];
  }

  put(place: Place, running: Running): void {
    this.#running[place] = running;
  }

  /** Where it is; null for one that was dropped. */
  of(running: Running): Place | null {
    if (running === this.#running.current) return 'current';
    return running === this.#running.candidate ? 'candidate' : null;
  }

  drop(place: Place): void {
    const running = this.#running[place];
    this.#running[place] = null;
    running?.session.close();
  }

  dropAll(): void {
    this.drop('candidate');
    this.drop('current');
  }

  /** The candidate becomes the current one. */
  promote(): void {
    const { candidate } = this.#running;
    this.drop('current');
    this.#running.current = candidate;
    this.#running.candidate = null;
    candidate?.session.show();
  }

  /** Pictures could not be expected until now: the wait for the first one starts again. */
  waitFrom(nowMs: number): void {
    for (const running of Object.values(this.#running)) if (running) running.openedAtMs = nowMs;
  }
}
