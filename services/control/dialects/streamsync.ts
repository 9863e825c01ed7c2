import type { Clock } from '#core/domain/clock.ts';
import { type ErrorCode, OnairError } from '#core/domain/errors.ts';
import type { Member, Room } from '#core/domain/room.ts';
import type { Rooms } from '#core/domain/rooms.ts';
import {
  type ClientToServer,
  clientToServer,
  type Peer,
  type ServerToClient,
  type StreamSyncErrorCode,
  serverToClient,
  streamSyncVersion,
} from '#core/protocol/streamsync.ts';
import type { ViewerIdentity } from '../access/viewer-identity.ts';
import type { Connection } from '../sockets/connection.ts';
import type { Dialect, DialectSession, Upgrade } from '../sockets/dialect.ts';
import { type ChannelSession, type RoomChannel, RoomChannels } from './room-channel.ts';

type Body = ServerToClient extends infer Message
  ? Message extends { type: infer Type; payload: infer Payload }
    ? { type: Type; payload: Payload; requestId?: string | undefined }
    : never
  : never;
type Relay = Extract<ClientToServer, { type: `webrtc/${string}` }>;

interface Principal {
  /** Who may take a member's place again: the same browser, else the same address. */
  owner: string;
}

/** The taxonomy in StreamSync's words (`error`). */
function codeOf(error: OnairError): StreamSyncErrorCode {
  if (error.code === 'not-found') return error.subject === 'peer' ? 'peer_not_found' : 'room_not_found';
  if (error.code === 'conflict') return 'not_in_room';
  const codes: Partial<Record<ErrorCode, StreamSyncErrorCode>> = {
    unauthorized: 'unauthorized',
    forbidden: 'unauthorized',
    full: 'unauthorized',
    unavailable: 'internal',
  };
  return codes[error.code] ?? 'bad_request';
}

/** StreamSync on `/ws/sync` (streamsync.md): rooms with chat, content and playback in step. */
export class StreamSync implements Dialect<ClientToServer, Principal> {
  readonly name = 'streamsync';
  readonly path = '/ws/sync';
  readonly limits = {
    maxMessageBytes: 128 * 1024,
    messagesPerSecond: 20, // ICE candidates come in bursts
    burstMessages: 100,
    backlogMessages: 100,
    heartbeat: { pingEveryMs: 10_000, timeoutMs: 30_000 },
  };
  readonly incoming = clientToServer;
  readonly doc = {
    title: 'StreamSync',
    summary: 'Rooms of peers who chat, watch the same content in step, and reach each other by WebRTC.',
    outgoing: serverToClient,
    admission: 'Open to who may watch.',
    closeCodes: { 1000: 'the same user joined from another connection' },
  };
  readonly #rooms: Rooms;
  readonly #identity: ViewerIdentity;
  readonly #clock: Clock;
  readonly #channels: RoomChannels<StreamSyncSession>;

  constructor(options: { rooms: Rooms; identity: ViewerIdentity; clock: Clock }) {
    this.#rooms = options.rooms;
    this.#identity = options.identity;
    this.#clock = options.clock;
    this.#channels = new RoomChannels({ listen: (channel) => this.#listen(channel) });
  }

  async authorize({ request }: Upgrade): Promise<Principal> {
    const { id } = await this.#identity.admit(request);
    return { owner: id ?? `address-${request.socket.remoteAddress ?? ''}` };
  }

  open(connection: Connection, { owner }: Principal): DialectSession<ClientToServer> {
    const session = new StreamSyncSession({
      connection,
      owner,
      rooms: this.#rooms,
      channelOf: (room) => this.#channels.of(room),
    });
    session.say({ type: 'server/hello', payload: { v: streamSyncVersion, nowMs: this.#clock.nowMs() } });
    return session;
  }

  #listen(channel: RoomChannel<StreamSyncSession>): (() => void)[] {
    const { room } = channel;
    const roomId = room.id;
    const say = (body: Body, except: string | null = null): void => channel.broadcast(encode(body), except);
    return [
      room.events.on('memberJoined', ({ member }) =>
        say({ type: 'room/peer_joined', payload: { roomId, peer: peerOf(member) } }, member.id),
      ),
      room.events.on('memberLeft', ({ member, reason }) => {
        say({ type: 'room/peer_left', payload: { roomId, userId: member.id } }, member.id);
        if (reason === 'kicked') channel.session(member.id)?.expelled(roomId);
      }),
      room.events.on('closed', () => {
        for (const session of channel.sessions) session.expelled(roomId);
      }),
      room.events.on('chat', ({ from, text, tsMs }) =>
        say({ type: 'chat/message', payload: { roomId, from: peerOf(from), text, tsMs } }),
      ),
      room.events.on('contentChanged', ({ content }) =>
        say({ type: 'watch/content', payload: { roomId, ...content } }),
      ),
      room.events.on('playbackChanged', ({ playback, fromId, serverTsMs }) =>
        say(
          {
            type: 'watch/playback_state',
            payload: { roomId, state: playback, serverTsMs, fromUserId: fromId },
          },
          fromId,
        ),
      ),
    ];
  }
}

class StreamSyncSession implements DialectSession<ClientToServer>, ChannelSession {
  readonly owner: string;
  readonly #connection: Connection;
  readonly #rooms: Rooms;
  readonly #channelOf: (room: Room) => RoomChannel<StreamSyncSession>;
  #memberId = '';
  #channel: RoomChannel<StreamSyncSession> | null = null;

  constructor(options: {
    connection: Connection;
    owner: string;
    rooms: Rooms;
    channelOf: (room: Room) => RoomChannel<StreamSyncSession>;
  }) {
    this.owner = options.owner;
    this.#connection = options.connection;
    this.#rooms = options.rooms;
    this.#channelOf = options.channelOf;
  }

  get memberId(): string {
    return this.#memberId;
  }

  send(text: string): void {
    this.#connection.send(text);
  }

  say(body: Body): void {
    this.#connection.send(encode(body));
  }

  receive(message: ClientToServer): void {
    if (message.type === 'room/join') this.#join(message);
    else this.#act(message);
    if (message.requestId !== undefined) this.say({ type: 'ack', payload: { requestId: message.requestId } });
  }

  refuse(error: OnairError, raw: unknown): void {
    const requestId = requestIdOf(raw);
    this.say({
      type: 'error',
      payload: {
        code: codeOf(error),
        message: error.message,
        ...(requestId === undefined ? {} : { requestId }),
      },
    });
  }

  closed(): void {
    const channel = this.#channel;
    this.#channel = null;
    if (channel?.remove(this)) channel.room.leave(this.#memberId, 'left');
  }

  /** Kicked, or the room is closed: the member hears that it has left, and may join another. */
  expelled(roomId: string): void {
    this.#forgetRoom();
    this.say({ type: 'room/peer_left', payload: { roomId, userId: this.#memberId } });
  }

  #forgetRoom(): void {
    const channel = this.#channel;
    this.#channel = null;
    channel?.remove(this);
  }

  #act(message: Exclude<ClientToServer, { type: 'room/join' }>): void {
    const { room, channel, member } = this.#inRoom(message.payload.roomId);
    switch (message.type) {
      case 'room/leave':
        this.#channel = null;
        channel.remove(this);
        room.leave(member.id, 'left');
        return;
      case 'chat/send':
        room.say(member, message.payload.text);
        return;
      case 'watch/set_content':
        room.setContent(member, { contentId: message.payload.contentId, meta: message.payload.meta });
        return;
      case 'watch/playback_state':
        room.setPlayback(member, message.payload.state);
        return;
      default:
        this.#relay(message, channel);
    }
  }

  #join({ payload }: Extract<ClientToServer, { type: 'room/join' }>): void {
    const { roomId, client } = payload;
    if (this.#channel) {
      if (this.#channel.room.id === roomId && this.#memberId === client.userId) return;
      throw new OnairError('invalid-message', 'This connection is in a room already; leave it first');
    }
    const room = this.#rooms.find(roomId);
    const channel = this.#channelOf(room);
    const previous = channel.session(client.userId);
    if ((room.member(client.userId) && !previous) || (previous && previous.owner !== this.owner)) {
      throw new OnairError('unauthorized', 'Somebody else in this room has that user id');
    }
    this.#memberId = client.userId;
    this.#channel = channel;
    channel.add(this);
    previous?.replaced();
    try {
      const isHost = this.#rooms.isHost(roomId, client.hostToken);
      room.join({ id: client.userId, name: client.displayName, way: 'streamsync', isHost });
    } catch (error) {
      this.#forgetRoom();
      throw error;
    }
    this.#welcome(room, client);
  }

  /** Late joiners learn what is watched, and where. */
  #welcome(room: Room, { userId, displayName }: Peer): void {
    const peers = room.members.filter(({ id }) => id !== userId).map(peerOf);
    this.say({ type: 'room/joined', payload: { roomId: room.id, you: { userId, displayName }, peers } });
    if (room.content) this.say({ type: 'watch/content', payload: { roomId: room.id, ...room.content } });
    if (!room.playback) return;
    const { playback, fromId, serverTsMs } = room.playback;
    this.say({
      type: 'watch/playback_state',
      payload: { roomId: room.id, state: playback, serverTsMs, fromUserId: fromId },
    });
  }

  /** The same user came back before the old connection was missed. */
  replaced(): void {
    this.#channel = null;
    this.#connection.close(1000, 'joined from another connection');
  }

  #relay({ type, payload }: Relay, channel: RoomChannel<StreamSyncSession>): void {
    const { roomId, toUserId, ...signal } = payload;
    const peer = channel.session(toUserId);
    if (!peer) throw new OnairError('not-found', 'There is no such peer in this room', { subject: 'peer' });
    peer.say({ type, payload: { roomId, fromUserId: this.#memberId, ...signal } } as Body);
  }

  #inRoom(roomId: string): { room: Room; channel: RoomChannel<StreamSyncSession>; member: Member } {
    const channel = this.#channel;
    const member = channel?.room.member(this.#memberId);
    if (channel && member && channel.room.id === roomId) return { room: channel.room, channel, member };
    this.#rooms.find(roomId);
    throw new OnairError('conflict', 'You are not in this room', { subject: 'room' });
  }
}

function encode({ type, requestId, payload }: Body): string {
  return JSON.stringify({ v: streamSyncVersion, type, requestId, payload });
}

function peerOf({ id, name }: Member): Peer {
  return { userId: id, displayName: name };
}

function requestIdOf(raw: unknown): string | undefined {
  const id = typeof raw === 'object' && raw !== null && 'requestId' in raw ? raw.requestId : undefined;
  return typeof id === 'string' && id.length <= 128 ? id : undefined;
}
