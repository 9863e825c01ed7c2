import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { DomainEvents } from '#core/domain/events.ts';
import { BannedViewers } from './banned-viewers.ts';
import { type ConnectionKind, ViewerConnections } from './viewer-connections.ts';

/** The ways in that count (design.md, "One Audience"). */
export type WayIn = 'lancast' | 'nova' | 'watch' | 'whep' | 'hls' | 'rtsp';

/** A viewer's place; `leave` may be called twice. */
export interface Seat {
  leave(): void;
  /**
   * Whether pictures are sent to it: such a place is never given to somebody else. With them an offer is a connection.
   * @throws OnairError `full` where that takes a place more, and there is none
   */
  setPictures(there: boolean): void;
}

/** Whose place it is, where that matters. */
export interface SeatOptions {
  /** The network address that it is taken from; none for the box's own and for hubs. */
  address?: string;
  /** The place went to somebody else: ends the connection. */
  displaced?: () => void;
  /** A connection may come of it: the offers of one viewer count as one until then. */
  offer?: boolean;
}

interface Taken {
  readonly id: string;
  readonly way: WayIn;
  readonly address: string;
  readonly displaced: () => void;
  readonly leave: () => void;
  readonly sinceMs: number;
  offer: boolean;
  pictures: boolean;
}

/** A viewer, by all its connections. */
export interface Member {
  id: string;
  ways: WayIn[];
  /** Of its eldest connection; empty where it has none. */
  address: string;
  /** Since the epoch. */
  sinceMs: number;
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
  readonly #connections = new Map<string, ViewerConnections>();
  readonly #hlsSeats = new Map<string, { seat: Seat; cancel: () => void }>();
  /** In the order in which they came. */
  readonly #taken = new Set<Taken>();
  readonly #banned = new BannedViewers();
  #max: number;
  #maxPerAddress: number | null = null;
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

  /** Everybody who is here, in the order in which they came. */
  get members(): Member[] {
    const members = new Map<string, Member>();
    for (const { id, way, address, sinceMs } of this.#taken) {
      const known = members.get(id);
      if (known) known.ways.push(way);
      else members.set(id, { id, ways: [way], address, sinceMs });
    }
    return [...members.values()];
  }

  has(id: string): boolean {
    return this.#connections.has(id);
  }

  /** Ends all connections of a viewer and shuts it out until `pardonAll`. @throws OnairError `not-found` */
  kick(id: string): void {
    const own = [...this.#taken].filter((taken) => taken.id === id);
    if (own.length === 0) {
      throw new OnairError('not-found', 'Nobody of that id watches.', {
        subject: 'viewer',
        action: 'See GET /api/v1/viewers.',
      });
    }
    const others = new Set([...this.#taken].filter((taken) => taken.id !== id).map(({ address }) => address));
    for (const { address } of own) this.#banned.ban(id, others.has(address) ? undefined : address);
    for (const taken of own) {
      taken.leave();
      taken.displaced();
    }
  }

  /** Whether the operator has shut it out. */
  isBanned(id: string | null, address: string): boolean {
    return this.#banned.has(id, address);
  }

  /** @throws OnairError `forbidden` for whom the operator has shut out */
  refuseBanned(id: string, address: string): void {
    this.#banned.refuse(id, address);
  }

  /** The broadcast is over: who was shut out may come to the next one. */
  pardonAll(): void {
    this.#banned.clear();
  }

  /** A lower limit turns nobody out; it holds for who comes next. */
  setMax(max: number): void {
    if (max === this.#max) return;
    this.#max = max;
    this.#changed();
  }

  /** @param most places of one address that nobody else may take; null for half of all, 0 for every one */
  setMaxPerAddress(most: number | null): void {
    this.#maxPerAddress = most;
  }

  /** A new broadcast begins: its peak starts from who is here. */
  resetPeak(): void {
    this.#peak = this.#viewers;
  }

  /** Whether `enter` would find room. */
  hasRoom(id: string, way: WayIn, address = ''): boolean {
    const needsPlace = this.#connectionsOf(id).needsPlace(way, 'connections');
    return !needsPlace || this.#viewers < this.#max || this.#displaceable(address).length > 0;
  }

  /**
   * One more connection of a viewer. In a full house somebody who comes from another address takes the place of the
   * newest connection without pictures of an address that holds more than its share.
   * @throws OnairError `full`, `forbidden`
   */
  enter(id: string, way: WayIn, options: SeatOptions = {}): Seat {
    const { address = '', displaced = () => {}, offer = false } = options;
    this.#banned.refuse(id, address);
    if (this.#connectionsOf(id).needsPlace(way, offer ? 'offers' : 'connections')) this.#makeRoom(address);
    const leave = (): void => {
      if (this.#taken.delete(taken)) this.#change(id, (own) => own.add(way, kindOf(taken), -1));
    };
    const taken: Taken = {
      id,
      way,
      address,
      displaced,
      leave,
      sinceMs: this.#clock.nowMs(),
      offer,
      pictures: false,
    };
    this.#change(id, (own) => own.add(way, kindOf(taken), 1));
    this.#taken.add(taken);
    return {
      leave,
      setPictures: (there) => {
        if (there && taken.offer && this.#taken.has(taken)) this.#connect(taken);
        taken.pictures = there;
      },
    };
  }

  /** An offer has led to a connection. @throws OnairError `full` */
  #connect(taken: Taken): void {
    const { id, way, address } = taken;
    const become = (own: ViewerConnections) => own.add(way, 'offers', -1).add(way, 'connections', 1);
    const own = this.#connectionsOf(id);
    if (become(own.copy()).places > own.places) this.#makeRoom(address);
    this.#change(id, become);
    taken.offer = false;
  }

  /** @throws OnairError `full` */
  #makeRoom(address: string): void {
    if (this.#viewers < this.#max) return;
    const ending = this.#displaceable(address);
    if (ending.length === 0) throw fullHouse(this.#max);
    for (const taken of ending) {
      taken.leave();
      taken.displaced();
    }
  }

  /** The connections that are to end so that one place comes free for somebody at that address; none where none may. */
  #displaceable(address: string): Taken[] {
    const most = this.#maxPerAddress ?? Math.floor(this.#max / 2);
    if (most === 0 || address === '') return [];
    const held = new Map<string, number>();
    const counted = new Set<string>();
    for (const { id, address: from } of this.#taken) {
      if (counted.has(id)) continue;
      counted.add(id);
      held.set(from, (held.get(from) ?? 0) + this.#connectionsOf(id).places);
    }
    const newestFirst = [...this.#taken].reverse();
    const isOver = ({ address: from }: Taken): boolean =>
      from !== '' && from !== address && (held.get(from) ?? 0) > most;
    for (const { id } of newestFirst.filter((taken) => isOver(taken) && !taken.pictures)) {
      const ending = this.#endingOnePlace(id, newestFirst);
      if (ending.length > 0) return ending;
    }
    return [];
  }

  /** A viewer's newest connections without which it has one place less; none where that would cost pictures. */
  #endingOnePlace(id: string, newestFirst: readonly Taken[]): Taken[] {
    const { places } = this.#connectionsOf(id);
    const left = this.#connectionsOf(id).copy();
    const ending: Taken[] = [];
    for (const taken of newestFirst) {
      if (taken.id !== id || taken.pictures || left.placesBy(taken.way) < places) continue;
      left.add(taken.way, kindOf(taken), -1);
      ending.push(taken);
    }
    return left.places < places ? ending : [];
  }

  /**
   * A viewer fetched something over HLS, which has no connection of its own.
   * @param options.pictures what is fetched has pictures: no playlist
   * @throws OnairError `full` for somebody new where there is no room
   */
  touchHls(id: string, options: { address?: string; pictures?: boolean } = {}): void {
    const { address = '', pictures = false } = options;
    const known = this.#hlsSeats.get(id);
    known?.cancel();
    const displaced = (): void => {
      this.#hlsSeats.get(id)?.cancel();
      this.#hlsSeats.delete(id);
    };
    this.#banned.refuse(id, address);
    const seat = known?.seat ?? this.enter(id, 'hls', { address, displaced });
    if (pictures) seat.setPictures(true);
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

  #connectionsOf(id: string): ViewerConnections {
    return this.#connections.get(id) ?? new ViewerConnections();
  }

  #change(id: string, change: (own: ViewerConnections) => ViewerConnections): void {
    const own = this.#connectionsOf(id);
    const before = own.places;
    const { isEmpty, places } = change(own);
    if (isEmpty) this.#connections.delete(id);
    else this.#connections.set(id, own);
    if (places === before) return;
    this.#viewers += places - before;
    this.#peak = Math.max(this.#peak, this.#viewers);
    this.#changed();
  }

  #changed(): void {
    this.events.emit('audienceChanged', { viewers: this.#viewers, peak: this.#peak, max: this.#max });
  }
}

function kindOf({ offer }: Taken): ConnectionKind {
  return offer ? 'offers' : 'connections';
}

/** The refusal of a viewer for whom there is no place. */
export function fullHouse(max: number): OnairError {
  return new OnairError('full', max === 1 ? 'The only place is taken.' : `All ${max} places are taken.`, {
    subject: 'audience',
    action: 'Try again in a minute, or ask the operator for more places.',
    retryAfterSeconds: 10,
  });
}
