import { z } from 'zod';
import { typedText } from '../domain/typed-text.ts';

/** The wire messages of LOUDSYNC 1.0 (loudsync.md). `timestamp` is milliseconds since the epoch. */

/** The protocol's own version; another major is `version_mismatch`. */
export const loudsyncVersion = '1.0';

const timestamp = z.number();
const id = z.string().min(1).max(128);
const displayName = typedText(64).min(1);

export const clientInfo = z.object({ id, name: displayName, type: z.enum(['host', 'client']) });

/** "JOIN". `version` and `hostToken` are ours: which version the client speaks, and what proves a `host`. */
export const join = z.object({
  type: z.literal('join'),
  timestamp,
  sessionId: id,
  deviceInfo: clientInfo,
  version: z.string().max(16).optional(),
  hostToken: z.string().max(256).optional(),
});
export const leave = z.object({
  type: z.literal('leave'),
  timestamp,
  reason: z.string().max(256).optional(),
});
export const heartbeat = z.object({ type: z.literal('heartbeat'), timestamp });
export const ping = z.object({ type: z.literal('ping'), timestamp });
/** "Trigger: After JOIN or when requested": asking is the same message without its list, ours. */
export const memberListRequest = z.object({ type: z.literal('member_list'), timestamp });

export const memberInfo = z.object({
  id,
  name: displayName,
  isHost: z.boolean(),
  connectionStatus: z.enum(['connected', 'disconnected', 'reconnecting']),
  joinedAt: z.number(),
  /** Milliseconds, as measured; absent until it is. */
  latency: z.number().optional(),
});
export type MemberInfo = z.infer<typeof memberInfo>;

export const welcome = z.object({
  type: z.literal('welcome'),
  timestamp,
  clientId: id,
  sessionInfo: z.object({ id, name: z.string(), hostId: z.string() }),
});
export const memberList = z.object({
  type: z.literal('member_list'),
  timestamp,
  members: z.array(memberInfo),
});
export const memberJoined = z.object({ type: z.literal('member_joined'), timestamp, member: memberInfo });
export const memberLeft = z.object({
  type: z.literal('member_left'),
  timestamp,
  memberId: id,
  reason: z.enum(['left', 'kicked', 'timeout', 'error']).optional(),
});
export const kicked = z.object({ type: z.literal('kicked'), timestamp, reason: z.string() });
export const sessionClosed = z.object({
  type: z.literal('session_closed'),
  timestamp,
  reason: z.string().optional(),
});
export const pong = z.object({ type: z.literal('pong'), timestamp });
export const errorCode = z.enum([
  'session_not_found',
  'session_full',
  'already_joined',
  'invalid_message',
  'unauthorized',
  'version_mismatch',
]);
export type LoudsyncErrorCode = z.infer<typeof errorCode>;
export const error = z.object({
  type: z.literal('error'),
  timestamp,
  code: errorCode,
  message: z.string(),
  details: z.unknown().optional(),
});

export const clientToServer = z.discriminatedUnion('type', [join, leave, heartbeat, ping, memberListRequest]);
export type ClientToServer = z.infer<typeof clientToServer>;

export const serverToClient = z.discriminatedUnion('type', [
  welcome,
  memberList,
  memberJoined,
  memberLeft,
  kicked,
  sessionClosed,
  pong,
  error,
]);
export type ServerToClient = z.infer<typeof serverToClient>;
