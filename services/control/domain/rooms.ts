import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { Room } from '#core/domain/room.ts';

/** The room that always is: its host is the box, and no member closes it. */
export const mainRoomId = 'main';
const maxRooms = 100;
const mainMaxMembers = 100;
export const defaultMaxMembers = 10;

interface Entry {
  room: Room;
  /** Proves the creator; the box's own room has none. */
  hostToken: string | null;
}

interface Deps {
  clock: Clock;
  newId: () => string;
  /** Compares without telling how far two secrets agree. */
  sameSecret: (one: string, other: string) => boolean;
  deviceId: string;
  deviceName: () => string;
}

/** All rooms: `main`, and what was made over the API. */
export class Rooms {
  readonly #deps: Deps;
  readonly #rooms = new Map<string, Entry>();

  constructor(deps: Deps) {
    this.#deps = deps;
    const main = new Room({
      id: mainRoomId,
      name: deps.deviceName,
      hostId: deps.deviceId,
      maxMembers: mainMaxMembers,
      eldestLeads: false,
      clock: deps.clock,
    });
    this.#rooms.set(mainRoomId, { room: main, hostToken: null });
  }

  get all(): Room[] {
    return [...this.#rooms.values()].map(({ room }) => room);
  }

  /** @throws OnairError `not-found` */
  find(id: string): Room {
    const entry = this.#rooms.get(id);
    if (!entry)
      throw new OnairError('not-found', `There is no room ${id.slice(0, 128)}.`, { subject: 'room' });
    return entry.room;
  }

  /** @throws OnairError `full` */
  create(options: { name: string; maxMembers: number }): { room: Room; hostToken: string } {
    if (this.#rooms.size >= maxRooms) {
      throw new OnairError('full', `There are ${maxRooms} rooms already.`, { action: 'Close one first.' });
    }
    const room = new Room({
      id: this.#deps.newId(),
      name: () => options.name,
      hostId: `host-${this.#deps.newId()}`,
      maxMembers: options.maxMembers,
      clock: this.#deps.clock,
    });
    const hostToken = this.#deps.newId();
    this.#rooms.set(room.id, { room, hostToken });
    return { room, hostToken };
  }

  /** Whether `token` proves the creator of a room. */
  isHost(roomId: string, token: string | null | undefined): boolean {
    const hostToken = this.#rooms.get(roomId)?.hostToken;
    return Boolean(hostToken && token && this.#deps.sameSecret(token, hostToken));
  }

  /** @throws OnairError `not-found`, `forbidden` for `main` */
  close(id: string, reason: string): void {
    const room = this.find(id);
    if (id === mainRoomId) throw new OnairError('forbidden', 'This room belongs to the box and stays.');
    this.#rooms.delete(id);
    room.close(reason);
  }

  /** The broadcast is over: who was kicked may come to the next one. */
  pardonAll(): void {
    for (const room of this.all) room.pardon();
  }

  /** Ends everything, when the box goes down. */
  closeAll(): void {
    for (const { room } of this.#rooms.values()) room.close('The box is restarting');
  }
}
