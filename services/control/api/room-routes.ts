import { OnairError } from '#core/domain/errors.ts';
import type { Room } from '#core/domain/room.ts';
import { type RoomBody, roomCreated, roomList, roomRequest, sessionList } from '#core/protocol/api.ts';
import { bearerOf } from '../access/request-credentials.ts';
import type { ViewerIdentity } from '../access/viewer-identity.ts';
import { defaultMaxMembers, type Rooms } from '../domain/rooms.ts';
import { readJson, sendJson } from '../http/body.ts';
import { mayOperate, type RequestContext, type Route } from '../http/router.ts';

/** `/api/v1/sessions` and `/api/v1/rooms` (design.md, "Shapes"): the same things under two names. */
export function roomRoutes(options: { rooms: Rooms; identity: ViewerIdentity }): Route[] {
  return ['sessions', 'rooms'].flatMap((name) => routesNamed(name, options));
}

function routesNamed(name: string, { rooms, identity }: { rooms: Rooms; identity: ViewerIdentity }): Route[] {
  const path = `/api/v1/${name}`;
  const one = name.slice(0, -1);
  const tag = 'sessions and rooms';
  return [
    {
      method: 'GET',
      path,
      doc: {
        tag,
        summary: `All ${name}: the same things under two names`,
        admits: 'viewer',
        answers: { 200: name === 'rooms' ? roomList : sessionList },
      },
      handle: async ({ request, response, authority }) => {
        if (authority !== 'link') await identity.admit(request);
        sendJson(response, 200, { [name]: rooms.all.map(bodyOf) });
      },
    },
    {
      method: 'POST',
      path,
      operator: true,
      doc: {
        tag,
        summary: `Makes a ${one}; the host token is shown this once`,
        request: roomRequest,
        answers: { 201: roomCreated },
      },
      handle: async ({ request, response }) => {
        const { name: roomName, maxMembers = defaultMaxMembers } = await readJson(request, roomRequest);
        const { room, hostToken } = rooms.create({ name: roomName, maxMembers });
        sendJson(response, 201, { id: room.id, hostToken }, { location: `${path}/${room.id}` });
      },
    },
    {
      method: 'DELETE',
      path: `${path}/:room`,
      doc: {
        tag,
        summary: `Closes a ${one}; its members hear of it`,
        description: 'Room `main` stays: closing it is 403.',
        admits: 'host',
        answers: { 204: { description: 'It is closed' } },
      },
      handle: (context) => {
        const room = hostedRoom(context, rooms);
        rooms.close(room.id, 'Host ended the session');
        context.response.writeHead(204).end();
      },
    },
    {
      method: 'DELETE',
      path: `${path}/:room/members/:member`,
      doc: {
        tag,
        summary: 'Kicks a member, who hears why',
        admits: 'host',
        answers: { 204: { description: 'The member is gone' } },
      },
      handle: (context) => {
        const room = hostedRoom(context, rooms);
        room.kick(context.params.member ?? '', 'Host removed you from the session');
        context.response.writeHead(204).end();
      },
    },
  ];
}

/** The room of a request by its operator or its host. @throws OnairError `not-found`, `unauthorized` */
function hostedRoom(context: RequestContext, rooms: Rooms): Room {
  const { request, params } = context;
  const room = rooms.find(params.room ?? '');
  if (mayOperate(context) || rooms.isHost(room.id, bearerOf(request))) return room;
  throw new OnairError('unauthorized', 'Only the host of this room or the operator may do this.', {
    action: 'Send the host token that creating the room returned: Authorization: Bearer …',
  });
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
  };
}
