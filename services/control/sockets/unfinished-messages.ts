import type { Socket } from 'node:net';
import type { Clock } from '#core/domain/clock.ts';
import { FrameMeter } from './frame-meter.ts';

/** From its first byte on, a message may take so long: 256 KB, the longest of any dialect, over 210 kbit/s. */
const deadlineMs = 10_000;
/** Of all unfinished messages together, in bytes of memory. */
const maxBytes = 16 * 1024 * 1024;
/** Above that, connections end until so much is left. */
const keptBytes = maxBytes / 2;

interface Watched {
  readonly meter: FrameMeter;
  readonly address: string;
  readonly end: (why: string) => void;
}

/** Bounds what unfinished messages of web sockets take, in time for each and in memory for all. */
export class UnfinishedMessages {
  readonly #clock: Clock;
  readonly #watched = new Set<Watched>();
  #bytes = 0;

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  /** What they take now, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * @param stream under the web socket, over TLS the decrypted one
   * @param end ends the connection at once
   */
  watch(stream: Socket, end: (why: string) => void): void {
    const watched = { meter: new FrameMeter(), address: stream.remoteAddress ?? '', end };
    this.#watched.add(watched);
    stream.on('data', (chunk: Buffer) => {
      if (!this.#watched.has(watched)) return;
      const { meter } = watched;
      this.#bytes -= meter.cost;
      meter.note(chunk, this.#clock.monotonicMs());
      this.#bytes += meter.cost;
      if (this.#bytes > maxBytes) this.#endLargest();
    });
    stream.once('close', () => this.#forget(watched));
  }

  /** Ends what has taken too long; to be called about once a second. */
  sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const watched of [...this.#watched]) {
      const { sinceMs } = watched.meter;
      if (sinceMs !== null && nowMs - sinceMs >= deadlineMs)
        this.#end(watched, 'a message took too long to arrive');
    }
  }

  /** The address that holds most loses its unfinished messages, then the next one. */
  #endLargest(): void {
    const held = new Map<string, number>();
    for (const { address, meter } of this.#watched) held.set(address, (held.get(address) ?? 0) + meter.cost);
    const unfinished = [...this.#watched].filter(({ meter }) => meter.cost > 0);
    unfinished.sort(
      (one, other) =>
        (held.get(other.address) ?? 0) - (held.get(one.address) ?? 0) || other.meter.cost - one.meter.cost,
    );
    for (const watched of unfinished) {
      if (this.#bytes <= keptBytes) return;
      this.#end(watched, 'too much of unfinished messages');
    }
  }

  #end(watched: Watched, why: string): void {
    this.#forget(watched);
    watched.end(why);
  }

  #forget(watched: Watched): void {
    if (this.#watched.delete(watched)) this.#bytes -= watched.meter.cost;
  }
}
