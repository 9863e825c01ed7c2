import type { Grant } from '#control/domain/grant.ts';
import type { Rooms } from '#control/domain/rooms.ts';
import type { Clock } from '#core/domain/clock.ts';
import { streamSyncChannel } from '#core/protocol/channels/streamsync.ts';
import { type ClientToServer, streamSyncVersion } from '#core/protocol/streamsync.ts';
import type { ViewerIdentity } from '../../access/viewer-identity.ts';
import type { Connection } from '../../sockets/connection.ts';
import type { Dialect, DialectSession, Upgrade } from '../../sockets/dialect.ts';
import { type RoomChannel, RoomChannels } from '../room-channel.ts';
import { StreamSyncSession } from './session.ts';
import { type Body, encode, peerOf } from './words.ts';

interface Principal {
  /** Who may take a member's place again: the same browser, else the same address. */
  owner: string;
  /** An operator of the box is host in the box's own room. */
  operator: boolean;
  grant: Grant;
}

interface Deps {
  rooms: Rooms;
  identity: ViewerIdentity;
  clock: Clock;
}

/** StreamSync on `/ws/sync` (streamsync.md): rooms with chat, content and playback in step. */
export class StreamSync implements Dialect<ClientToServer, Principal> {
  readonly channel = streamSyncChannel;
  readonly #deps: Deps;
  readonly #channels: RoomChannels<StreamSyncSession>;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#channels = new RoomChannels({ listen: (channel) => this.#listen(channel) });
  }

  async authorize({ request }: Upgrade): Promise<Principal> {
    const { id, operator = false, grant } = await this.#deps.identity.admit(request);
    return { owner: id ?? `address-${request.socket.remoteAddress ?? ''}`, operator, grant };
  }

  open(connection: Connection, { owner, operator, grant }: Principal): DialectSession<ClientToServer> {
    connection.admittedBy(grant);
    const session = new StreamSyncSession({
      connection,
      owner,
      operator,
      rooms: this.#deps.rooms,
      channelOf: (room) => this.#channels.of(room),
    });
    session.say({ type: 'server/hello', payload: { v: streamSyncVersion, nowMs: this.#deps.clock.nowMs() } });
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
      // There is no message for another name: everybody knows one who left and one who came.
      room.events.on('memberChanged', ({ member, what }) => {
        if (what !== 'name') return;
        say({ type: 'room/peer_left', payload: { roomId, userId: member.id } }, member.id);
        say({ type: 'room/peer_joined', payload: { roomId, peer: peerOf(member) } }, member.id);
      }),
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
      room.events.on('chatDeleted', ({ tsMs }) => say({ type: 'chat/deleted', payload: { roomId, tsMs } })),
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
