import type { Clock } from '#core/domain/clock.ts';
import type { HubStore, SharedWatchSession } from '../domain/devices.ts';

/** Well within the time that a store keeps them. */
const sayAgainMs = 40_000;

/** The watch sessions of this process's viewers as the hub's other processes may look them up. */
export class SessionRecords {
  readonly #store: HubStore;
  readonly #clock: Clock;
  readonly #sessions = new Map<string, SharedWatchSession>();
  #cancel: () => void = () => {};

  constructor(options: { store: HubStore; clock: Clock }) {
    this.#store = options.store;
    this.#clock = options.clock;
  }

  start(): void {
    this.#cancel();
    this.#cancel = this.#clock.every(sayAgainMs, () => {
      for (const session of this.#sessions.values()) this.#store.putSession(session).catch(() => {}); // it has logged it
    });
  }

  close(): void {
    this.#cancel();
    this.#sessions.clear();
  }

  async put(session: SharedWatchSession): Promise<void> {
    this.#sessions.set(session.id, session);
    await this.#store.putSession(session);
  }

  async forget(sessionId: string): Promise<void> {
    this.#sessions.delete(sessionId);
    await this.#store.deleteSession(sessionId);
  }
}
