import { z } from 'zod';
import { typedLines, typedText } from '../../domain/typed-text.ts';
import { endpoint } from '../endpoint.ts';
import { maxChatCharacters } from '../streamsync.ts';

const tag = 'sessions and rooms';

/** `POST /api/v1/sessions`, `POST /api/v1/rooms` */
export const roomRequest = z.strictObject({
  name: typedText(64).min(1),
  maxMembers: z.number().int().min(2).max(1_000).optional(),
});

export const roomCreated = z.object({ id: z.string(), hostToken: z.string() });

/** One of `GET /api/v1/sessions` and `GET /api/v1/rooms`: the same things under two names. */
export const roomBody = z.object({
  id: z.string(),
  name: z.string(),
  hostId: z.string(),
  members: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      isHost: z.boolean(),
      connectionStatus: z.enum(['connected', 'disconnected', 'reconnecting']),
      joinedAt: z.string(),
      latencyMs: z.number().nullable(),
    }),
  ),
  maxMembers: z.number().int(),
  createdAt: z.string(),
  /** The member who may say what all watch just now; null while nobody is there. */
  authorityId: z.string().nullable(),
  /**
   * The member whose playback pages follow: who was named, else the host; in `main` nobody else, elsewhere who is there
   * longest.
   */
  leaderId: z.string().nullable(),
});

/** `GET /api/v1/sessions` */
export const sessionList = z.object({ sessions: z.array(roomBody) });

/** `GET /api/v1/rooms` */
export const roomList = z.object({ rooms: z.array(roomBody) });

export type RoomBody = z.infer<typeof roomBody>;

const list = { method: 'GET', who: 'viewer', tag } as const;
const create = {
  method: 'POST',
  who: 'operator',
  body: roomRequest,
  answers: { 201: roomCreated },
  errors: ['full'],
  tag,
} as const;
const close = {
  method: 'DELETE',
  who: 'host',
  answers: { 204: { description: 'It is closed' } },
  errors: ['not-found', 'unauthorized', 'forbidden'],
  description: 'Room `main` stays: closing it is 403.',
  tag,
} as const;
const kick = {
  method: 'DELETE',
  who: 'host',
  answers: { 204: { description: 'The member is gone' } },
  errors: ['not-found', 'unauthorized'],
  summary: 'Kicks a member, who hears why, and stays out until the broadcast ends',
  tag,
} as const;

export const listSessions = endpoint({
  ...list,
  path: '/api/v1/sessions',
  answers: { 200: sessionList },
  summary: 'All sessions: the same things under two names',
});

export const createSession = endpoint({
  ...create,
  path: '/api/v1/sessions',
  summary: 'Makes a session; the host token is shown this once',
});

export const closeSession = endpoint({
  ...close,
  path: '/api/v1/sessions/:room',
  summary: 'Closes a session; its members hear of it',
});

export const kickFromSession = endpoint({ ...kick, path: '/api/v1/sessions/:room/members/:member' });

export const listRooms = endpoint({
  ...list,
  path: '/api/v1/rooms',
  answers: { 200: roomList },
  summary: 'All rooms: the same things under two names',
});

export const createRoom = endpoint({
  ...create,
  path: '/api/v1/rooms',
  summary: 'Makes a room; the host token is shown this once',
});

export const closeRoom = endpoint({
  ...close,
  path: '/api/v1/rooms/:room',
  summary: 'Closes a room; its members hear of it',
});

export const nameLeader = endpoint({
  method: 'POST',
  path: '/api/v1/rooms/:room/members/:member/lead',
  who: 'host',
  answers: { 204: { description: 'It leads' } },
  errors: ['not-found', 'unauthorized'],
  summary: 'Names the member whom all players follow',
  tag,
});

export const endLead = endpoint({
  method: 'DELETE',
  path: '/api/v1/rooms/:room/members/:member/lead',
  who: 'host',
  answers: { 204: { description: 'It leads no more' } },
  errors: ['not-found', 'unauthorized'],
  summary: 'Leaves it to the host to lead',
  tag,
});

export const kickFromRoom = endpoint({ ...kick, path: '/api/v1/rooms/:room/members/:member' });

/** Something that was said in a room. */
export const chatEntry = z.object({
  id: z.string(),
  from: z.object({ id: z.string(), name: z.string() }),
  /** The room's host, or the box itself in its own room. */
  byHost: z.boolean(),
  text: z.string(),
  sentAt: z.string(),
});
export type ChatEntry = z.infer<typeof chatEntry>;

/** `GET /api/v1/rooms/:room/messages` */
export const chatList = z.object({ messages: z.array(chatEntry) });

/** `POST /api/v1/rooms/:room/messages` */
export const chatRequest = z.strictObject({ text: typedLines(maxChatCharacters).min(1) });

const messagesPath = '/api/v1/rooms/:room/messages';

export const listMessages = endpoint({
  method: 'GET',
  path: messagesPath,
  who: 'host',
  answers: { 200: chatList },
  errors: ['not-found', 'unauthorized'],
  summary: 'The latest that was said in a room, the oldest first',
  tag,
});

export const sendMessage = endpoint({
  method: 'POST',
  path: messagesPath,
  who: 'host',
  body: chatRequest,
  answers: { 201: chatEntry },
  errors: ['not-found', 'unauthorized'],
  summary: 'Says something in the name of the room, which is the box in `main`',
  tag,
});

export const deleteMessage = endpoint({
  method: 'DELETE',
  path: `${messagesPath}/:message`,
  who: 'host',
  parameters: z.strictObject({
    ban: z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .optional(),
  }),
  answers: { 204: { description: 'It is gone, at everybody' } },
  errors: ['not-found', 'unauthorized', 'forbidden'],
  summary: 'Deletes what somebody said; with `ban` all of it, and keeps them out until the broadcast ends',
  tag,
});
