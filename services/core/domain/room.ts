import type { Clock } from './clock.ts';
import { OnairError } from './errors.ts';
import { EventHub } from './event-hub.ts';
import { type ChatMessage, RoomChat } from './room-chat.ts';

/** Which way in a member came: names who owns the connection, decides nothing. */
export type RoomWay = 'loudsync' | 'streamsync';

export type LeaveReason = 'left' | 'kicked' | 'timeout' | 'error';

/** Somebody in a room, as everybody in it may see them. */
export interface Member {
  readonly id: string;
  readonly name: string;
  readonly way: RoomWay;
  /** The room's creator, proven by the host token. */
  readonly isHost: boolean;
  readonly joinedAtMs: number;
  /** `reconnecting`: the connection broke; `disconnected`: it was closed without leaving. Both may come back. */
  readonly status: 'connected' | 'disconnected' | 'reconnecting';
  readonly latencyMs: number | null;
}

/** What is watched together, and since when (streamsync.md, "Clocking for sync"). */
export interface RoomPlayback {
  playing: boolean;
  positionSec: number;
  hostTsMs: number;
  contentId?: string | undefined;
}

export interface RoomContent {
  contentId: string;
  meta: Record<string, unknown> | undefined;
}

export type RoomEvents = {
  memberJoined: { member: Member };
  /** Connected again, not connected, another name, or another latency. */
  memberChanged: { member: Member; what: 'status' | 'name' | 'latency' };
  memberLeft: { member: Member; reason: LeaveReason; detail: string | null };
  closed: { reason: string };
  chat: ChatMessage;
  /** The operator or the host took it back. */
  chatDeleted: { tsMs: number };
  contentChanged: { content: RoomContent };
  playbackChanged: { playback: RoomPlayback; fromId: string; serverTsMs: number };
};

/** Who comes in. */
export interface Newcomer {
  id: string;
  name: string;
  way: RoomWay;
  isHost: boolean;
  owner?: string | null;
  /** Which device it is, where that is known: it is in the room once, as host or not. */
  device?: string | null;
}

/** A bound on what a host can make the box remember. */
const maxBanned = 1_000;
/** Who does not come back within this time has left (loudsync.md, "Timeout Behavior"). */
export const memberTimeoutMs = 15_000;

/** A LOUDSYNC session and a StreamSync room at once: one list of members, one chat, one playback. */
export class Room {
  readonly events = new EventHub<RoomEvents>();
  readonly id: string;
  readonly hostId: string;
  readonly maxMembers: number;
  readonly createdAtMs: number;
  /** Where nobody with a right to it is here, who is here longest leads (`leader`). */
  readonly #eldestLeads: boolean;
  readonly #name: () => string;
  readonly #clock: Clock;
  readonly #members = new Map<string, Member>();
  readonly #cancelTimeouts = new Map<string, () => void>();
  /** Who a member is elsewhere, by member id. */
  readonly #owners = new Map<string, string>();
  /** Which device a member is, by member id. */
  readonly #devices = new Map<string, string>();
  /** Ids of members and of their owners that were kicked. */
  readonly #banned = new Set<string>();
  readonly #chat = new RoomChat();
  /** Whom the host has named to lead; it need not be here. */
  #namedId: string | null = null;
  #content: RoomContent | null = null;
  #playback: { playback: RoomPlayback; fromId: string; serverTsMs: number } | null = null;

  constructor(options: {
    id: string;
    name: () => string;
    hostId: string;
    maxMembers: number;
    eldestLeads?: boolean;
    clock: Clock;
  }) {
    this.#eldestLeads = options.eldestLeads ?? true;
    this.id = options.id;
    this.hostId = options.hostId;
    this.maxMembers = options.maxMembers;
    this.#name = options.name;
    this.#clock = options.clock;
    this.createdAtMs = options.clock.nowMs();
  }

  get name(): string {
    return this.#name();
  }

  /** In the order in which they came. */
  get members(): Member[] {
    return [...this.#members.values()];
  }

  get content(): RoomContent | null {
    return this.#content;
  }

  get playback(): { playback: RoomPlayback; fromId: string; serverTsMs: number } | null {
    return this.#playback;
  }

  /** The latest that was said, the oldest first. */
  get messages(): ChatMessage[] {
    return this.#chat.messages;
  }

  member(id: string): Member | undefined {
    return this.#members.get(id);
  }

  /**
   * Who may say what is watched: the creator while present, else who is here longest ("host authority"). LOUDSYNC has
   * no message to say it with, so its members never hold this, or nobody could use it.
   */
  get authority(): Member | null {
    const present = this.members.filter(({ status, way }) => status === 'connected' && way === 'streamsync');
    const named = present.find(({ id }) => id === this.#namedId);
    return named ?? present.find(({ isHost }) => isHost) ?? present[0] ?? null;
  }

  /**
   * Whose playback everybody's players are to follow: who was named, else the host; else, where the room allows it, who
   * is here longest. In the box's own room a stranger who comes first moves nobody's picture.
   */
  get leader(): Member | null {
    const { authority } = this;
    const entitled = authority !== null && (authority.isHost || authority.id === this.#namedId);
    return entitled || this.#eldestLeads ? authority : null;
  }

  /** Names who leads; null leaves it to the host. @throws OnairError `not-found` */
  nameLeader(id: string | null): void {
    if (id !== null && !this.#members.has(id)) {
      throw new OnairError('not-found', 'There is no such member in this room.', { subject: 'member' });
    }
    this.#namedId = id;
  }

  /**
   * @param newcomer.owner who it is, under whatever member id; null where that is not known
   * @param greet called with the member before the others hear of it
   * @throws OnairError `full`, `forbidden` for who was kicked, `unauthorized` for an id that is held by the other way in,
   *   `conflict` for the device of a host who is connected
   */
  join(
    { owner = null, device = null, ...newcomer }: Newcomer,
    greet: (member: Member) => void = () => {},
  ): Member {
    if (!newcomer.isHost && (this.#banned.has(newcomer.id) || (owner !== null && this.#banned.has(owner)))) {
      throw new OnairError('forbidden', 'The host has removed you from this room', { subject: 'member' });
    }
    const known = this.#members.get(newcomer.id);
    if (known && known.way !== newcomer.way) {
      throw new OnairError('unauthorized', 'Somebody else in this room has that id', { subject: 'member' });
    }
    const twin = this.#twinOf(newcomer.id, device);
    if (twin?.isHost && twin.status === 'connected') {
      throw new OnairError('conflict', 'This device is in the session as its host', { subject: 'member' });
    }
    if (!known && this.#members.size - (twin ? 1 : 0) >= this.maxMembers) {
      throw new OnairError('full', `Session has reached maximum capacity (${this.maxMembers} members)`, {
        subject: 'room',
        details: { maxMembers: this.maxMembers, currentMembers: this.#members.size },
      });
    }
    if (owner !== null) this.#owners.set(newcomer.id, owner);
    if (device !== null) this.#devices.set(newcomer.id, device);
    const member = known ? this.#return(known, newcomer.name, greet) : this.#add(newcomer, greet);
    if (twin) this.leave(twin.id, 'left');
    return member;
  }

  leave(id: string, reason: LeaveReason, detail: string | null = null): void {
    const member = this.#members.get(id);
    if (!member) return;
    this.#cancelTimeout(id);
    this.#members.delete(id);
    this.#owners.delete(id);
    this.#devices.delete(id);
    // Who comes to an empty room begins at live, not where others were once.
    if (this.#members.size === 0) this.#playback = null;
    this.events.emit('memberLeft', { member, reason, detail });
  }

  /**
   * The connection is gone without LEAVE: the member may come back until the timeout.
   * @param closed by a close frame, so on purpose; else it broke
   */
  disconnect(id: string, closed: boolean): void {
    const member = this.#members.get(id);
    if (member?.status !== 'connected') return;
    this.#change(member, { status: closed ? 'disconnected' : 'reconnecting' }, 'status');
    this.#cancelTimeouts.set(
      id,
      this.#clock.after(memberTimeoutMs, () => this.leave(id, 'timeout')),
    );
  }

  measureLatency(id: string, latencyMs: number): void {
    const member = this.#members.get(id);
    if (member && member.latencyMs !== latencyMs) this.#change(member, { latencyMs }, 'latency');
  }

  /** Removes a member, who stays out until `pardon`. @throws OnairError `not-found` */
  kick(id: string, reason: string): void {
    if (!this.#members.has(id)) {
      throw new OnairError('not-found', 'There is no such member in this room.', { subject: 'member' });
    }
    this.#ban(id);
    const owner = this.#owners.get(id);
    if (owner !== undefined) this.#ban(owner);
    this.leave(id, 'kicked', reason);
  }

  /** Lets in again who was kicked. */
  pardon(): void {
    this.#banned.clear();
  }

  say({ id, name }: Pick<Member, 'id' | 'name'>, text: string): ChatMessage {
    const owner = this.#owners.get(id) ?? null;
    const message = this.#chat.add({ from: { id, name }, text }, owner, this.#clock.nowMs());
    this.events.emit('chat', message);
    return message;
  }

  /** In the name of the room itself. */
  sayAsHost(text: string): ChatMessage {
    return this.say({ id: this.hostId, name: this.name }, text);
  }

  /** @throws OnairError `not-found` */
  deleteMessage(tsMs: number): void {
    if (!this.#chat.remove(tsMs)) throw noSuchMessage();
    this.events.emit('chatDeleted', { tsMs });
  }

  /**
   * Deletes all that the author of a message said, and keeps the author out until `pardon`, here or not.
   * @throws OnairError `not-found`; `forbidden` for the host's own
   */
  banAuthor(tsMs: number, reason: string): void {
    const author = this.#chat.authorOf(tsMs);
    if (author === null) throw noSuchMessage();
    if (author.id === this.hostId || this.member(author.id)?.isHost)
      throw new OnairError('forbidden', 'The host can’t be banned.', { subject: 'member' });
    for (const message of this.#chat.removeOf(author))
      this.events.emit('chatDeleted', { tsMs: message.tsMs });
    this.#ban(author.id);
    if (author.owner !== null) this.#ban(author.owner);
    this.leave(author.id, 'kicked', reason);
  }

  /** @throws OnairError `unauthorized` for who has no authority */
  setContent(from: Member, content: RoomContent): void {
    this.#requireAuthority(from);
    this.#content = content;
    this.#playback = null;
    this.events.emit('contentChanged', { content });
  }

  /** @throws OnairError `unauthorized` for who has no authority */
  setPlayback(from: Member, playback: RoomPlayback): void {
    this.#requireAuthority(from);
    this.#playback = { playback, fromId: from.id, serverTsMs: this.#clock.nowMs() };
    this.events.emit('playbackChanged', this.#playback);
  }

  /** Everybody is told, and goes. */
  close(reason: string): void {
    for (const cancel of this.#cancelTimeouts.values()) cancel();
    this.#cancelTimeouts.clear();
    this.#members.clear();
    this.#owners.clear();
    this.#devices.clear();
    this.events.emit('closed', { reason });
  }

  #ban(id: string): void {
    this.#banned.add(id);
    const [oldest] = this.#banned;
    if (this.#banned.size > maxBanned && oldest !== undefined) this.#banned.delete(oldest);
  }

  /** The same device under another id. */
  #twinOf(id: string, device: string | null): Member | undefined {
    if (device === null) return undefined;
    return this.members.find((member) => member.id !== id && this.#devices.get(member.id) === device);
  }

  #add(newcomer: Omit<Newcomer, 'owner' | 'device'>, greet: (member: Member) => void): Member {
    const member: Member = {
      ...newcomer,
      joinedAtMs: this.#clock.nowMs(),
      status: 'connected',
      latencyMs: null,
    };
    this.#members.set(member.id, member);
    greet(member);
    this.events.emit('memberJoined', { member });
    return member;
  }

  #return(member: Member, name: string, greet: (member: Member) => void): Member {
    this.#cancelTimeout(member.id);
    const changed: Member = { ...member, status: 'connected', name };
    this.#members.set(member.id, changed);
    greet(changed);
    if (member.status !== 'connected') this.events.emit('memberChanged', { member: changed, what: 'status' });
    if (member.name !== name) this.events.emit('memberChanged', { member: changed, what: 'name' });
    return changed;
  }

  #change(member: Member, change: Partial<Member>, what: 'status' | 'latency'): Member {
    const changed = { ...member, ...change };
    this.#members.set(member.id, changed);
    this.events.emit('memberChanged', { member: changed, what });
    return changed;
  }

  #cancelTimeout(id: string): void {
    this.#cancelTimeouts.get(id)?.();
    this.#cancelTimeouts.delete(id);
  }

  #requireAuthority(from: Member): void {
    if (this.authority?.id === from.id) return;
    throw new OnairError('unauthorized', 'Only the host of this room may do this.', { subject: 'room' });
  }
}

function noSuchMessage(): OnairError {
  return new OnairError('not-found', 'There is no such message in this room.', { subject: 'message' });
}
