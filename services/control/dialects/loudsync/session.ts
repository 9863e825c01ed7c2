import type { Rooms } from '#control/domain/rooms.ts';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { type Member, memberTimeoutMs, type Room } from '#core/domain/room.ts';
import { type ClientToServer, loudsyncVersion } from '#core/protocol/loudsync.ts';
import type { Connection } from '../../sockets/connection.ts';
import type { ConnectionEnd, DialectSession } from '../../sockets/dialect.ts';
import type { ChannelSession, RoomChannel } from '../room-channel.ts';
import { clientIdOf, codeOf, encode, membersOf, type Unstamped } from './words.ts';

type Join = Extract<ClientToServer, { type: 'join' }>;

/** A client that doesn't join within this time has no business here. */
const joinTimeoutMs = memberTimeoutMs;

const policyViolation = 1008;

interface Deps {
  connection: Connection;
  hostToken: string | null;
  /** Else only the session's host token lets in. */
  admitted: boolean;
  owner: string | null;
  rooms: Rooms;
  channelOf: (room: Room) => RoomChannel<LoudsyncSession>;
  clock: Clock;
}

/** One connection of `/ws/session`: a member once it has joined. */
export class LoudsyncSession implements DialectSession<ClientToServer>, ChannelSession {
  readonly #deps: Deps;
  #memberId = '';
  /** Which device it is, whatever its member's id. */
  #device = '';
  #closeCode = 1000;
  #channel: RoomChannel<LoudsyncSession> | null = null;
  #cancelTimeout: () => void;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#cancelTimeout = deps.clock.after(joinTimeoutMs, () =>
      this.#deps.connection.close(1008, 'join expected'),
    );
  }

  get memberId(): string {
    return this.#memberId;
  }

  get device(): string {
    return this.#device;
  }

  send(text: string | Buffer): void {
    this.#deps.connection.send(text);
  }

  receive(message: ClientToServer): void {
    if (message.type === 'join') {
      this.#join(message);
      return;
    }
    const channel = this.#channel;
    if (!channel) throw new OnairError('unauthorized', 'Join a session first');
    switch (message.type) {
      case 'leave':
        channel.room.leave(this.#memberId, 'left');
        return;
      case 'heartbeat':
        this.#expectHeartbeat();
        return;
      case 'ping':
        this.send(JSON.stringify({ type: 'pong', timestamp: message.timestamp }));
        return;
      case 'member_list':
        this.#say({ type: 'member_list', members: membersOf(channel.room) });
        return;
    }
  }

  refuse(error: OnairError): void {
    this.#say({
      type: 'error',
      code: codeOf(error),
      message: error.message,
      ...(error.details ? { details: error.details } : {}),
    });
  }

  latencyMeasured(latencyMs: number): void {
    this.#channel?.room.measureLatency(this.#memberId, latencyMs);
  }

  /** "KICKED": "Host kicks member or policy violation". */
  expel(reason: string): void {
    this.#closeCode = policyViolation;
    this.#channel?.room.leave(this.#memberId, 'kicked', reason);
  }

  closed(how: ConnectionEnd): void {
    this.#cancelTimeout();
    const channel = this.#channel;
    this.#channel = null;
    if (!channel?.remove(this)) return;
    if (how === 'error') channel.room.leave(this.#memberId, 'error');
    else channel.room.disconnect(this.#memberId, how === 'closed');
  }

  /** The member has left, or was made to: the connection ends. */
  end(why: 'left' | 'kicked' | 'timeout' | 'error' | 'closed', detail: string | null): void {
    if (why === 'kicked')
      this.#say({ type: 'kicked', reason: detail ?? 'Host removed you from the session' });
    this.#cancelTimeout();
    const channel = this.#channel;
    this.#channel = null;
    channel?.remove(this);
    this.#deps.connection.close(this.#closeCode, why);
  }

  /** "JOIN": validation, then WELCOME, MEMBER_LIST, and MEMBER_JOINED to the others. */
  #join({ sessionId, deviceInfo, version, hostToken }: Join): void {
    if (this.#channel) throw new OnairError('conflict', 'This connection has joined a session already');
    if (version !== undefined && version.split('.')[0] !== loudsyncVersion.split('.')[0]) {
      throw new OnairError('version-mismatch', `This box speaks LOUDSYNC ${loudsyncVersion}, not ${version}`);
    }
    const room = this.#deps.rooms.find(sessionId);
    if (!this.#deps.admitted && !this.#deps.rooms.isHost(sessionId, this.#deps.hostToken)) {
      throw new OnairError('unauthorized', 'That is not the host token of this session');
    }
    const isHost = deviceInfo.type === 'host';
    if (isHost && !this.#deps.rooms.isHost(sessionId, hostToken ?? this.#deps.hostToken)) {
      throw new OnairError('unauthorized', 'Joining as host takes the host token of this session');
    }
    const device = clientIdOf(sessionId, deviceInfo.id);
    const memberId = isHost ? room.hostId : device;
    const channel = this.#deps.channelOf(room);
    const twin = channel.sessions.find(
      (session) => session.device === device && session.memberId !== memberId,
    );
    this.#device = device;
    this.#memberId = memberId;
    this.#channel = channel;
    const previous = channel.session(memberId);
    channel.add(this);
    try {
      const newcomer = {
        id: memberId,
        name: deviceInfo.name,
        way: 'loudsync',
        isHost,
        owner: this.#deps.owner,
        device,
      } as const;
      room.join(newcomer, (member) => {
        previous?.replaced();
        if (twin) {
          twin.replaced();
          channel.remove(twin);
        }
        this.#welcome(room, member);
      });
    } catch (error) {
      this.#channel = null;
      channel.remove(this);
      throw error;
    }
    this.#expectHeartbeat();
  }

  /** "Success Response", 1 and 2; MEMBER_JOINED goes to the others after it. */
  #welcome(room: Room, { id }: Member): void {
    this.#say({
      type: 'welcome',
      clientId: id,
      sessionInfo: { id: room.id, name: room.name, hostId: room.hostId },
    });
    this.#say({ type: 'member_list', members: membersOf(room) });
  }

  /** "Already joined": the new connection has taken this one's place. */
  replaced(): void {
    this.#channel = null;
    this.#cancelTimeout();
    this.refuse(new OnairError('conflict', 'This device has joined from another connection'));
    this.#deps.connection.close(1000, 'already_joined');
  }

  #expectHeartbeat(): void {
    this.#cancelTimeout();
    this.#cancelTimeout = this.#deps.clock.after(memberTimeoutMs, () => {
      this.#channel?.room.leave(this.#memberId, 'timeout');
    });
  }

  #say(message: Unstamped): void {
    this.#deps.connection.send(encode(message, this.#deps.clock));
  }
}
