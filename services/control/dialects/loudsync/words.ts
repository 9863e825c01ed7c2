import { createHash } from 'node:crypto';
import type { Clock } from '#core/domain/clock.ts';
import type { ErrorCode, OnairError } from '#core/domain/errors.ts';
import type { Member } from '#core/domain/room.ts';
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
  return codes[error.code] ?? 'invalid_message';
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
export function infoOf(member: Member): MemberInfo {
  return {
    id: member.id,
    name: member.name,
    isHost: member.isHost,
    connectionStatus: member.status,
    joinedAt: member.joinedAtMs,
    ...(member.latencyMs === null ? {} : { latency: member.latencyMs }),
  };
}
