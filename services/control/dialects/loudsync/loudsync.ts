import type { Grant } from '#control/domain/grant.ts';
import type { Rooms } from '#control/domain/rooms.ts';
import type { Clock } from '#core/domain/clock.ts';
import { loudsyncChannel } from '#core/protocol/channels/loudsync.ts';
import type { ClientToServer } from '#core/protocol/loudsync.ts';
import { bearerOf } from '../../access/request-credentials.ts';
import type { ViewerIdentity } from '../../access/viewer-identity.ts';
import type { Connection } from '../../sockets/connection.ts';
import type { Dialect, DialectSession, Upgrade } from '../../sockets/dialect.ts';
import { type RoomChannel, RoomChannels } from '../room-channel.ts';
import { LoudsyncSession } from './session.ts';
import { encode, infoOf, membersOf, type Unstamped } from './words.ts';

interface Principal {
  hostToken: string | null;
  /** May watch here; else only the host token of the session that is joined lets in. */
  admitted: boolean;
  /** Null where the host token alone lets in: it outlives any PIN. */
  grant: Grant | null;
  /** The viewer, where the browser says which; its devices are known by their own ids. */
  owner: string | null;
}

interface Deps {
  rooms: Rooms;
  identity: ViewerIdentity;
  clock: Clock;
}

/** LOUDSYNC on `/ws/session` (loudsync.md): sessions of members. */
export class Loudsync implements Dialect<ClientToServer, Principal> {
  readonly channel = loudsyncChannel;
  readonly #deps: Deps;
  readonly #channels: RoomChannels<LoudsyncSession>;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#channels = new RoomChannels({ listen: (channel) => this.#listen(channel) });
  }

  async authorize({ request }: Upgrade): Promise<Principal> {
    const hostToken = bearerOf(request);
    // A host token is not a viewer token (a JWT, with dots): JOIN, which names the session, decides whether it admits.
    if (hostToken !== null && !hostToken.includes('.'))
      return { hostToken, admitted: false, grant: null, owner: null };
    const { id, grant } = await this.#deps.identity.admit(request);
    return { hostToken, admitted: true, grant, owner: id };
  }

  open(
    connection: Connection,
    { hostToken, admitted, grant, owner }: Principal,
  ): DialectSession<ClientToServer> {
    if (grant !== null) connection.admittedBy(grant);
    return new LoudsyncSession({
      connection,
      hostToken,
      admitted,
      owner,
      rooms: this.#deps.rooms,
      channelOf: (room) => this.#channels.of(room),
      clock: this.#deps.clock,
    });
  }

  #listen(channel: RoomChannel<LoudsyncSession>): (() => void)[] {
    const { room } = channel;
    const say = (message: Unstamped, except: string | null = null): void =>
      channel.broadcast(encode(message, this.#deps.clock), except);
    return [
      room.events.on('memberJoined', ({ member }) =>
        say({ type: 'member_joined', member: infoOf(member, room) }, member.id),
      ),
      room.events.on('memberChanged', ({ member, what }) => {
        if (what !== 'latency') say({ type: 'member_list', members: membersOf(room) }, member.id);
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
