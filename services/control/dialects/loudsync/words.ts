import { createHash } from 'node:crypto';
import type { Clock } from '#core/domain/clock.ts';
import type { ErrorCode, OnairError } from '#core/domain/errors.ts';
import type { Member, Room } from '#core/domain/room.ts';
import type { LoudsyncErrorCode, MemberInfo, ServerToClient } from '#core/protocol/loudsync.ts';

/** A message before its timestamp is set. */
export type Unstamped = ServerToClient extends infer Message
  ? Message extends ServerToClient
    ? Omit<Message, 'timestamp'>
    : never
  : never;

/** The taxonomy in LOUDSYNC's words ("ErrorCode"). */
export function codeOf(error: OnairError): LoudsyncErrorCode {
  const codes: Partial<Record<ErrorCode, LoudsyncErrorCode>> = {
    'not-found': 'session_not_found',
    full: 'session_full',
    conflict: 'already_joined',
    unauthorized: 'unauthorized',
    forbidden: 'unauthorized',
    'version-mismatch': 'version_mismatch',
  };
  // A valid message that was not carried out is not an invalid one: too many at once, or a fault of the box.
  return codes[error.code] ?? (isInvalid(error.code) ? 'invalid_message' : 'unauthorized');
}

function isInvalid(code: ErrorCode): boolean {
  return code === 'invalid-message' || code === 'unknown-command';
}

/** A message as it goes out. */
export function encode(message: Unstamped, clock: Clock): string {
  const { type, ...rest } = message;
  return JSON.stringify({ type, timestamp: clock.nowMs(), ...rest });
}

/** Everybody sees member ids, so they must not tell the device id with which a member's place could be taken. */
export function clientIdOf(sessionId: string, deviceId: string): string {
  const digest = createHash('sha256').update(`${sessionId}\n${deviceId}`).digest('base64url');
  return `client-${digest.slice(0, 16)}`;
}

/** A member as the others see them ("MemberInfo"). */
export function infoOf(member: Member, room: Room): MemberInfo {
  return {
    id: member.id,
    name: member.name,
    // The host of a session is who has its `hostId`: a creator who joins at /ws/sync is there under another id.
    isHost: member.id === room.hostId,
    connectionStatus: member.status,
    joinedAt: member.joinedAtMs,
    ...(member.latencyMs === null ? {} : { latency: member.latencyMs }),
  };
}

/** "MEMBER_LIST": everybody, in the order in which they came. */
export function membersOf(room: Room): MemberInfo[] {
  return room.members.map((member) => infoOf(member, room));
}
