import type { Room } from '#core/domain/room.ts';

/** One member's connection, as a channel writes to it. */
export interface ChannelSession {
  readonly memberId: string;
  /** A Buffer is text that is encoded already. */
  send(text: string | Buffer): void;
}

/** The sessions of one dialect in one room: a message is encoded once for all receivers. */
export class RoomChannel<Session extends ChannelSession> {
  readonly room: Room;
  readonly #sessions = new Map<string, Session>();
  readonly #onEmpty: () => void;

  constructor(options: { room: Room; onEmpty: () => void }) {
    this.room = options.room;
    this.#onEmpty = options.onEmpty;
  }

  get sessions(): Session[] {
    return [...this.#sessions.values()];
  }

  session(memberId: string): Session | undefined {
    return this.#sessions.get(memberId);
  }

  /** Takes a member's place; returns who had it. */
  add(session: Session): Session | undefined {
    const previous = this.#sessions.get(session.memberId);
    this.#sessions.set(session.memberId, session);
    return previous;
  }

  /** Ends the place, unless somebody else has taken it meanwhile. */
  remove(session: Session): boolean {
    if (this.#sessions.get(session.memberId) !== session) return false;
    this.#sessions.delete(session.memberId);
    if (this.#sessions.size === 0) this.#onEmpty();
    return true;
  }

  broadcast(text: string, exceptMemberId: string | null = null): void {
    const encoded = Buffer.from(text);
    for (const [memberId, session] of this.#sessions) if (memberId !== exceptMemberId) session.send(encoded);
  }
}

/** The channels of one dialect, each there while somebody is in it. */
export class RoomChannels<Session extends ChannelSession> {
  readonly #channels = new Map<string, { channel: RoomChannel<Session>; stopListening: () => void }>();
  readonly #listen: (channel: RoomChannel<Session>) => (() => void)[];

  /** @param options.listen follows a room's events for a channel; returns what ends that */
  constructor(options: { listen: (channel: RoomChannel<Session>) => (() => void)[] }) {
    this.#listen = options.listen;
  }

  of(room: Room): RoomChannel<Session> {
    const known = this.#channels.get(room.id);
    if (known) return known.channel;
    const channel = new RoomChannel<Session>({ room, onEmpty: () => this.#drop(room.id) });
    const ends = this.#listen(channel);
    this.#channels.set(room.id, { channel, stopListening: () => ends.forEach((end) => void end()) });
    return channel;
  }

  #drop(roomId: string): void {
    this.#channels.get(roomId)?.stopListening();
    this.#channels.delete(roomId);
  }
}
