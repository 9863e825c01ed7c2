import type { z } from 'zod';
import { OnairError } from '#core/domain/errors.ts';
import type { Room } from '#core/domain/room.ts';
import type { ChatMessage } from '#core/domain/room-chat.ts';
import {
  type ChatEntry,
  closeRoom,
  closeSession,
  createRoom,
  createSession,
  deleteMessage,
  endLead,
  kickFromRoom,
  kickFromSession,
  listMessages,
  listRooms,
  listSessions,
  nameLeader,
  type RoomBody,
  type roomRequest,
  sendMessage,
} from '#core/protocol/endpoints/rooms.ts';
import { bearerOf } from '../access/request-credentials.ts';
import { defaultMaxMembers, type Rooms } from '../domain/rooms.ts';
import { mayOperate, type RequestContext, type Route } from '../http/router.ts';
import { answer, serve } from '../http/serve.ts';

/** `/api/v1/sessions` and `/api/v1/rooms` (design.md, "Shapes"): the same things under two names. */
export function roomRoutes({ rooms }: { rooms: Rooms }): Route[] {
  const create = (path: string, { name, maxMembers = defaultMaxMembers }: z.output<typeof roomRequest>) => {
    const { room, hostToken } = rooms.create({ name, maxMembers });
    return answer(201, { id: room.id, hostToken }, { location: `${path}/${room.id}` });
  };
  const close = (asked: Hosted): void => rooms.close(hostedRoom(asked, rooms).id, 'Host ended the session');
  const kick = (asked: Hosted & { params: { member: string } }): void =>
    hostedRoom(asked, rooms).kick(asked.params.member, 'Host removed you from the session');
  return [
    serve(listSessions, () => ({ sessions: rooms.all.map(bodyOf) })),
    serve(listRooms, () => ({ rooms: rooms.all.map(bodyOf) })),
    serve(createSession, ({ body }) => create(createSession.path, body)),
    serve(createRoom, ({ body }) => create(createRoom.path, body)),
    serve(closeSession, (asked) => void close(asked)),
    serve(closeRoom, (asked) => void close(asked)),
    serve(nameLeader, (asked) => void hostedRoom(asked, rooms).nameLeader(asked.params.member)),
    serve(endLead, (asked) => void hostedRoom(asked, rooms).nameLeader(null)),
    serve(kickFromSession, (asked) => void kick(asked)),
    serve(kickFromRoom, (asked) => void kick(asked)),
    serve(listMessages, (asked) => {
      const room = hostedRoom(asked, rooms);
      return { messages: room.messages.map((message) => entryOf(message, room)) };
    }),
    serve(sendMessage, (asked) => {
      const room = hostedRoom(asked, rooms);
      return entryOf(room.sayAsHost(asked.body.text), room);
    }),
    serve(deleteMessage, (asked) => {
      const room = hostedRoom(asked, rooms);
      const tsMs = Number(asked.params.message);
      if (asked.query.ban) room.banAuthor(tsMs, 'Host removed you from the session');
      else room.deleteMessage(tsMs);
      return answer(204, null);
    }),
  ];
}

type Hosted = Pick<RequestContext, 'request' | 'authority' | 'operatorId'> & { params: { room: string } };

/** The room of a request by its operator or its host. @throws OnairError `not-found`, `unauthorized` */
function hostedRoom(asked: Hosted, rooms: Rooms): Room {
  const { request, params } = asked;
  const room = rooms.find(params.room);
  if (mayOperate(asked) || rooms.isHost(room.id, bearerOf(request))) return room;
  throw new OnairError('unauthorized', 'Only the host of this room or the operator may do this.', {
    action: 'Send the host token that creating the room returned: Authorization: Bearer …',
  });
}

function entryOf({ from, text, tsMs }: ChatMessage, room: Room): ChatEntry {
  return {
    id: String(tsMs),
    from,
    byHost: from.id === room.hostId || room.member(from.id)?.isHost === true,
    text,
    sentAt: new Date(tsMs).toISOString(),
  };
}

function bodyOf(room: Room): RoomBody {
  return {
    id: room.id,
    name: room.name,
    hostId: room.hostId,
    members: room.members.map((member) => ({
      id: member.id,
      name: member.name,
      isHost: member.isHost,
      connectionStatus: member.status,
      joinedAt: new Date(member.joinedAtMs).toISOString(),
      latencyMs: member.latencyMs,
    })),
    maxMembers: room.maxMembers,
    createdAt: new Date(room.createdAtMs).toISOString(),
    authorityId: room.authority?.id ?? null,
    leaderId: room.leader?.id ?? null,
  };
}
