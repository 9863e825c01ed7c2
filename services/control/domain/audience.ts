import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { DomainEvents } from '#core/domain/events.ts';

/** The ways in that count (design.md, "One Audience"). */
export type WayIn = 'lancast' | 'nova' | 'watch' | 'whep' | 'hls';

/** A viewer's place; `leave` may be called twice. */
export interface Seat {
  leave(): void;
}

/** A viewer who fetches nothing over HLS for this long has gone. */
const hlsTimeoutMs = 15_000;

/**
 * Everybody who watches, however they came. An id counts as its largest number of connections in any one
 * way in: two tabs are two, and one page that uses three ways is one.
 */
export class Audience {
  readonly events = new EventHub<Pick<DomainEvents, 'audienceChanged'>>();
  readonly #clock: Clock;
  readonly #connections = new Map<string, Map<WayIn, number>>();
  readonly #hlsSeats = new Map<string, { seat: Seat; cancel: () => void }>();
  #max: number;
  #viewers = 0;
  #peak = 0;

  constructor({ clock, max }: { clock: Clock; max: number }) {
    this.#clock = clock;
    this.#max = max;
  }

  get viewers(): number {
    return this.#viewers;
  }

  /** Most viewers at one time since the broadcast began. */
  get peak(): number {
    return this.#peak;
  }

  get max(): number {
    return this.#max;
  }

  /** A lower limit turns nobody out; it holds for who comes next. */
  setMax(max: number): void {
    if (max === this.#max) return;
    this.#max = max;
    this.#changed();
  }

  /** A new broadcast begins: its peak starts from who is here. */
  resetPeak(): void {
    this.#peak = this.#viewers;
  }

  /** Whether `enter` would find room. */
  hasRoom(id: string, way: WayIn): boolean {
    const ways = this.#connections.get(id);
    const grows = (ways?.get(way) ?? 0) + 1 > weight(ways);
    return !grows || this.#viewers < this.#max;
  }

  /**
   * One more connection of a viewer.
   * @throws OnairError `full`
   */
  enter(id: string, way: WayIn): Seat {
    if (!this.hasRoom(id, way)) {
      throw new OnairError('full', `All ${this.#max} places are taken.`, {
        subject: 'audience',
        action: 'Try again in a minute, or ask the operator for more places.',
        retryAfterSeconds: 10,
      });
    }
    this.#add(id, way, 1);
    let seated = true;
    return {
      leave: () => {
        if (!seated) return;
        seated = false;
        this.#add(id, way, -1);
      },
    };
  }

  /**
   * A viewer fetched something over HLS, which has no connection of its own.
   * @throws OnairError `full` for somebody new where there is no room
   */
  touchHls(id: string): void {
    const known = this.#hlsSeats.get(id);
    known?.cancel();
    const seat = known?.seat ?? this.enter(id, 'hls');
    const cancel = this.#clock.after(hlsTimeoutMs, () => {
      this.#hlsSeats.delete(id);
      seat.leave();
    });
    this.#hlsSeats.set(id, { seat, cancel });
  }

  /** Takes back the places of all who watch over HLS: those who still may come again with their next request. */
  forgetHls(): void {
    for (const { seat, cancel } of this.#hlsSeats.values()) {
      cancel();
      seat.leave();
    }
    this.#hlsSeats.clear();
  }

  close(): void {
    for (const { cancel } of this.#hlsSeats.values()) cancel();
    this.#hlsSeats.clear();
  }

  #add(id: string, way: WayIn, change: 1 | -1): void {
    const ways = this.#connections.get(id) ?? new Map<WayIn, number>();
    const before = weight(ways);
    const connections = (ways.get(way) ?? 0) + change;
    if (connections > 0) ways.set(way, connections);
    else ways.delete(way);
    if (ways.size > 0) this.#connections.set(id, ways);
    else this.#connections.delete(id);
    const difference = weight(ways) - before;
    if (difference === 0) return;
    this.#viewers += difference;
    this.#peak = Math.max(this.#peak, this.#viewers);
    this.#changed();
  }

  #changed(): void {
    this.events.emit('audienceChanged', { viewers: this.#viewers, peak: this.#peak, max: this.#max });
  }
}

function weight(ways: ReadonlyMap<WayIn, number> | undefined): number {
  let largest = 0;
  for (const connections of ways?.values() ?? []) largest = Math.max(largest, connections);
  return largest;
}
