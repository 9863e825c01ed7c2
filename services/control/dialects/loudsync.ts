import { createHash } from 'node:crypto';
import type { Clock } from '#core/domain/clock.ts';
import { type ErrorCode, OnairError } from '#core/domain/errors.ts';
import { type Member, memberTimeoutMs, type Room } from '#core/domain/room.ts';
import type { Rooms } from '#core/domain/rooms.ts';
import {
  type ClientToServer,
  clientToServer,
  type LoudsyncErrorCode,
  loudsyncVersion,
  type MemberInfo,
  type ServerToClient,
  serverToClient,
} from '#core/protocol/loudsync.ts';
import { bearerOf, type ViewerIdentity } from '../access/viewer-identity.ts';
import type { Connection } from '../sockets/connection.ts';
import type { Dialect, DialectSession, Upgrade } from '../sockets/dialect.ts';
import { type ChannelSession, type RoomChannel, RoomChannels } from './room-channel.ts';

type Join = Extract<ClientToServer, { type: 'join' }>;
type Unstamped = ServerToClient extends infer Message
  ? Message extends ServerToClient
    ? Omit<Message, 'timestamp'>
    : never
  : never;

interface Principal {
  hostToken: string | null;
}

/** A client that doesn't join within this time has no business here. */
const joinTimeoutMs = memberTimeoutMs;

/** The taxonomy in LOUDSYNC's words ("ErrorCode"). */
function codeOf(error: OnairError): LoudsyncErrorCode {
  const codes: Partial<Record<ErrorCode, LoudsyncErrorCode>> = {
    'not-found': 'session_not_found',
    full: 'session_full',
    conflict: 'already_joined',
    unauthorized: 'unauthorized',
    forbidden: 'unauthorized',
    'version-mismatch': 'version_mismatch',
  };
  return codes[error.code] ?? 'invalid_message';
}

/** LOUDSYNC on `/ws/session` (loudsync.md): sessions of members. */
export class Loudsync implements Dialect<ClientToServer, Principal> {
  readonly name = 'loudsync';
  readonly path = '/ws/session';
  readonly limits = {
    maxMessageBytes: 16 * 1024,
    messagesPerSecond: 10,
    burstMessages: 30,
    backlogMessages: 100,
    heartbeat: { pingEveryMs: 5_000, timeoutMs: 60_000 }, // measures latency; who is alive, HEARTBEAT says
  };
  readonly incoming = clientToServer;
  readonly doc = {
    title: 'LOUDSYNC',
    summary: 'Sessions of members: who is there, who hosts, and how far away they are.',
    outgoing: serverToClient,
    admission: 'Open to who may watch; a host proves it with the host token.',
    closeCodes: {
      1000: 'the member left, was kicked, timed out or joined from another connection, or the session was closed',
      1008: 'nothing joined within 15 s',
    },
  };
  readonly #rooms: Rooms;
  readonly #identity: ViewerIdentity;
  readonly #clock: Clock;
  readonly #channels: RoomChannels<LoudsyncSession>;

  constructor(options: { rooms: Rooms; identity: ViewerIdentity; clock: Clock }) {
    this.#rooms = options.rooms;
    this.#identity = options.identity;
    this.#clock = options.clock;
    this.#channels = new RoomChannels({ listen: (channel) => this.#listen(channel) });
  }

  async authorize({ request }: Upgrade): Promise<Principal> {
    const hostToken = bearerOf(request);
    // A host token is no viewer token: who shows one is let in by it, if it proves right at JOIN.
    if (hostToken === null || hostToken.includes('.')) await this.#identity.admit(request);
    return { hostToken };
  }

  open(connection: Connection, { hostToken }: Principal): DialectSession<ClientToServer> {
    return new LoudsyncSession({
      connection,
      hostToken,
      rooms: this.#rooms,
      channelOf: (room) => this.#channels.of(room),
      clock: this.#clock,
    });
  }

  #listen(channel: RoomChannel<LoudsyncSession>): (() => void)[] {
    const { room } = channel;
    const say = (message: Unstamped, except: string | null = null): void =>
      channel.broadcast(encode(message, this.#clock), except);
    return [
      room.events.on('memberJoined', ({ member }) =>
        say({ type: 'member_joined', member: infoOf(member) }, member.id),
      ),
      room.events.on('memberChanged', ({ member, what }) => {
        if (what === 'status') say({ type: 'member_list', members: room.members.map(infoOf) }, member.id);
      }),
      room.events.on('memberLeft', ({ member, reason, detail }) => {
        channel.session(member.id)?.end(reason, detail);
        say({ type: 'member_left', memberId: member.id, reason }, member.id);
      }),
      room.events.on('closed', ({ reason }) => {
        say({ type: 'session_closed', reason });
        for (const session of channel.sessions) session.end('closed', reason);
      }),
    ];
  }
}

class LoudsyncSession implements DialectSession<ClientToServer>, ChannelSession {
  readonly #connection: Connection;
  readonly #hostToken: string | null;
  readonly #rooms: Rooms;
  readonly #channelOf: (room: Room) => RoomChannel<LoudsyncSession>;
  readonly #clock: Clock;
  #memberId = '';
  #channel: RoomChannel<LoudsyncSession> | null = null;
  #cancelTimeout: () => void;

  constructor(options: {
    connection: Connection;
    hostToken: string | null;
    rooms: Rooms;
    channelOf: (room: Room) => RoomChannel<LoudsyncSession>;
    clock: Clock;
  }) {
    this.#connection = options.connection;
    this.#hostToken = options.hostToken;
    this.#rooms = options.rooms;
    this.#channelOf = options.channelOf;
    this.#clock = options.clock;
    this.#cancelTimeout = options.clock.after(joinTimeoutMs, () =>
      this.#connection.close(1008, 'join expected'),
    );
  }

  get memberId(): string {
    return this.#memberId;
  }

  send(text: string): void {
    this.#connection.send(text);
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
        this.#say({ type: 'member_list', members: channel.room.members.map(infoOf) });
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

  closed(): void {
    this.#cancelTimeout();
    const channel = this.#channel;
    this.#channel = null;
    if (channel?.remove(this)) channel.room.disconnect(this.#memberId);
  }

  /** The member has left, or was made to: the connection ends. */
  end(why: 'left' | 'kicked' | 'timeout' | 'error' | 'closed', detail: string | null): void {
    if (why === 'kicked')
      this.#say({ type: 'kicked', reason: detail ?? 'Host removed you from the session' });
    this.#cancelTimeout();
    const channel = this.#channel;
    this.#channel = null;
    channel?.remove(this);
    this.#connection.close(1000, why);
  }

  /** "JOIN": validation, then WELCOME, MEMBER_LIST, and MEMBER_JOINED to the others. */
  #join({ sessionId, deviceInfo, version, hostToken }: Join): void {
    if (this.#channel) throw new OnairError('conflict', 'This connection has joined a session already');
    if (version !== undefined && version.split('.')[0] !== loudsyncVersion.split('.')[0]) {
      throw new OnairError('version-mismatch', `This box speaks LOUDSYNC ${loudsyncVersion}, not ${version}`);
    }
    const room = this.#rooms.find(sessionId);
    const isHost = deviceInfo.type === 'host';
    if (isHost && !this.#rooms.isHost(sessionId, hostToken ?? this.#hostToken)) {
      throw new OnairError('unauthorized', 'Joining as host takes the host token of this session');
    }
    this.#memberId = isHost ? room.hostId : clientIdOf(sessionId, deviceInfo.id);
    const channel = this.#channelOf(room);
    this.#channel = channel;
    const previous = channel.add(this);
    try {
      previous?.replaced();
      room.join({ id: this.#memberId, name: deviceInfo.name, way: 'loudsync', isHost });
    } catch (error) {
      this.#channel = null;
      channel.remove(this);
      throw error;
    }
    this.#say({
      type: 'welcome',
      clientId: this.#memberId,
      sessionInfo: { id: room.id, name: room.name, hostId: room.hostId },
    });
    this.#say({ type: 'member_list', members: room.members.map(infoOf) });
    this.#expectHeartbeat();
  }

  /** "Already joined": the new connection has taken this one's place. */
  replaced(): void {
    this.#channel = null;
    this.#cancelTimeout();
    this.refuse(new OnairError('conflict', 'This device has joined from another connection'));
    this.#connection.close(1000, 'already_joined');
  }

  #expectHeartbeat(): void {
    this.#cancelTimeout();
    this.#cancelTimeout = this.#clock.after(memberTimeoutMs, () => {
      this.#channel?.room.leave(this.#memberId, 'timeout');
    });
  }

  #say(message: Unstamped): void {
    this.#connection.send(encode(message, this.#clock));
  }
}

function encode(message: Unstamped, clock: Clock): string {
  const { type, ...rest } = message;
  return JSON.stringify({ type, timestamp: clock.nowMs(), ...rest });
}

/** Everybody sees member ids, so they must not tell the device id with which a member's place could be taken. */
function clientIdOf(sessionId: string, deviceId: string): string {
  const digest = createHash('sha256').update(`${sessionId}\n${deviceId}`).digest('base64url');
  return `client-${digest.slice(0, 16)}`;
}

function infoOf(member: Member): MemberInfo {
  return {
    id: member.id,
    name: member.name,
    isHost: member.isHost,
    connectionStatus: member.status,
    joinedAt: member.joinedAtMs,
    ...(member.latencyMs === null ? {} : { latency: member.latencyMs }),
  };
}
