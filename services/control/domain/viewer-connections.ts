import type { WayIn } from './audience.ts';

/**
 * A page that offers again while its first offer leads nowhere is one viewer: so many offers without a connection count as
 * one, and not at all beside a connection. What comes beyond them counts, since each costs the box a session.
 */
const maxOffersUncounted = 3;

interface Counted {
  connections: number;
  /** Those that may become connections. */
  offers: number;
}

export type ConnectionKind = keyof Counted;

/** What one viewer has open in each way in, and how many places that makes. */
export class ViewerConnections {
  readonly #ways: Map<WayIn, Counted>;

  constructor(ways: Iterable<[WayIn, Counted]> = []) {
    this.#ways = new Map([...ways].map(([way, counted]) => [way, { ...counted }]));
  }

  get isEmpty(): boolean {
    return this.#ways.size === 0;
  }

  /** The largest number in any one way in: two tabs are two, and one page that uses three ways is one. */
  get places(): number {
    return Math.max(0, ...[...this.#ways.values()].map(placesOf));
  }

  placesBy(way: WayIn): number {
    const counted = this.#ways.get(way);
    return counted ? placesOf(counted) : 0;
  }

  /** Whether one more takes a place; an offer beside a connection does, since it is to become a second one. */
  needsPlace(way: WayIn, kind: ConnectionKind): boolean {
    const { connections = 0 } = this.#ways.get(way) ?? {};
    return this.copy().add(way, connections > 0 ? 'connections' : kind, 1).places > this.places;
  }

  add(way: WayIn, kind: ConnectionKind, change: 1 | -1): this {
    const counted = this.#ways.get(way) ?? { connections: 0, offers: 0 };
    counted[kind] += change;
    if (counted.connections + counted.offers > 0) this.#ways.set(way, counted);
    else this.#ways.delete(way);
    return this;
  }

  copy(): ViewerConnections {
    return new ViewerConnections(this.#ways);
  }
}

function placesOf({ connections, offers }: Counted): number {
  return connections + Math.max(connections === 0 && offers > 0 ? 1 : 0, offers - maxOffersUncounted);
}
