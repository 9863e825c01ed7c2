import type { Audience } from '#control/domain/audience.ts';
import type { Clock } from '#core/domain/clock.ts';
import type { Connection } from '../../sockets/connection.ts';
import { encode, isoTime } from './messages.ts';

/** "typically 10-100ms delay for batching" */
const batchMs = 50;

interface Deps {
  audience: Audience;
  connections: ReadonlySet<Connection>;
  streamId: () => string;
  clock: Clock;
}

/**
 * `viewer_count_changed`: what happens within 50 ms is one message. `change` is counted from the message before
 * it, so that counts and changes always agree. Who has just come is told the count in any case.
 */
export class ViewerCount {
  readonly #deps: Deps;
  readonly #newcomers = new Set<Connection>();
  #told = 0;
  #cancel: (() => void) | null = null;

  /** @param deps.connections everybody who is to be told */
  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Somebody connects. */
  welcome(connection: Connection): void {
    this.#newcomers.add(connection);
    this.#schedule();
  }

  forget(connection: Connection): void {
    this.#newcomers.delete(connection);
  }

  /** The audience changed. */
  changed(): void {
    if (this.#deps.connections.size > 0) this.#schedule();
    else this.#told = this.#deps.audience.viewers; // nobody to tell: the next one hears from here on
  }

  /** What waits to be told is told now, so that what comes next agrees with it. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = null;
    const { viewers } = this.#deps.audience;
    const change = viewers - this.#told;
    const listeners = change === 0 ? this.#newcomers : this.#deps.connections;
    this.#told = viewers;
    if (listeners.size > 0) {
      const text = encode({
        event: 'viewer_count_changed',
        data: {
          stream_id: this.#deps.streamId(),
          viewer_count: viewers,
          peak_viewers: this.#deps.audience.peak,
          change,
          timestamp: isoTime(this.#deps.clock.nowMs()),
        },
      });
      for (const connection of listeners) connection.send(text);
    }
    this.#newcomers.clear();
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #schedule(): void {
    this.#cancel ??= this.#deps.clock.after(batchMs, () => this.flush());
  }
}
