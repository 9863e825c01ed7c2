import { mainRoomId, type Rooms } from '#control/domain/rooms.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { LeaveReason, Member, Room } from '#core/domain/room.ts';
import type { ClientToServer, Peer } from '#core/protocol/streamsync.ts';
import type { Connection } from '../../sockets/connection.ts';
import type { ConnectionEnd, DialectSession } from '../../sockets/dialect.ts';
import type { ChannelSession, RoomChannel } from '../room-channel.ts';
import { type Body, codeOf, encode, peerOf, requestIdOf } from './words.ts';

type Relay = Extract<ClientToServer, { type: `webrtc/${string}` }>;

/** Of a peer whose connection ends without `room/leave`. */
const leaveReasons: Record<ConnectionEnd, LeaveReason> = {
  closed: 'left',
  broken: 'error',
  silent: 'timeout',
  error: 'error',
  policy: 'kicked',
  restart: 'left',
};

/** As LOUDSYNC names its members who aren't hosts (loudsync/words.ts, `clientIdOf`). */
const loudsyncClientId = /^client-[\w-]{16}$/;

interface Deps {
  connection: Connection;
  owner: string;
  operator: boolean;
  rooms: Rooms;
  channelOf: (room: Room) => RoomChannel<StreamSyncSession>;
}

/** One connection of `/ws/sync`: a peer once it has joined. */
export class StreamSyncSession implements DialectSession<ClientToServer>, ChannelSession {
  readonly owner: string;
  readonly #deps: Deps;
  #memberId = '';
  #channel: RoomChannel<StreamSyncSession> | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.owner = deps.owner;
  }

  get memberId(): string {
    return this.#memberId;
  }

  send(text: string | Buffer): void {
    this.#deps.connection.send(text);
  }

  say(body: Body): void {
    this.#deps.connection.send(encode(body));
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

  latencyMeasured(latencyMs: number): void {
    this.#channel?.room.measureLatency(this.#memberId, latencyMs);
  }

  closed(how: ConnectionEnd): void {
    const channel = this.#channel;
    this.#channel = null;
    if (channel?.remove(this)) channel.room.leave(this.#memberId, leaveReasons[how]);
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
      if (this.#channel.room.id === roomId && this.#memberId === client.userId) {
        const { id, isHost } = this.#inRoom(roomId).member;
        const { room } = this.#channel;
        room.join({ id, name: client.displayName, way: 'streamsync', isHost, owner: this.owner }, () =>
          this.#welcome(room, client),
        );
        return;
      }
      throw new OnairError('invalid-message', 'This connection is in a room already; leave it first');
    }
    const room = this.#deps.rooms.find(roomId);
    const channel = this.#deps.channelOf(room);
    const previous = channel.session(client.userId);
    const isHost =
      this.#deps.rooms.isHost(roomId, client.hostToken) || (this.#deps.operator && roomId === mainRoomId);
    const reserved = client.userId === room.hostId ? !isHost : loudsyncClientId.test(client.userId);
    const taken = room.member(client.userId) !== undefined && !previous;
    if (reserved || taken || (previous && previous.owner !== this.owner)) {
      throw new OnairError('unauthorized', 'Somebody else in this room has that user id');
    }
    this.#memberId = client.userId;
    this.#channel = channel;
    channel.add(this);
    previous?.replaced();
    try {
      room.join(
        { id: client.userId, name: client.displayName, way: 'streamsync', isHost, owner: this.owner },
        () => this.#welcome(room, client),
      );
    } catch (error) {
      this.#forgetRoom();
      throw error;
    }
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
    this.#deps.connection.close(1000, 'joined from another connection');
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
    this.#deps.rooms.find(roomId);
    throw new OnairError('conflict', 'You are not in this room', { subject: 'room' });
  }
}
