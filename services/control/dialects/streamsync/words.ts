import type { ErrorCode, OnairError } from '#core/domain/errors.ts';
import type { Member } from '#core/domain/room.ts';
import {
  type Peer,
  type ServerToClient,
  type StreamSyncErrorCode,
  streamSyncVersion,
} from '#core/protocol/streamsync.ts';

/** A message before its envelope. */
export type Body = ServerToClient extends infer Message
  ? Message extends { type: infer Type; payload: infer Payload }
    ? { type: Type; payload: Payload; requestId?: string | undefined }
    : never
  : never;
/** The taxonomy in StreamSync's words (`error`). */
export function codeOf(error: OnairError): StreamSyncErrorCode {
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

/** A message as it goes out. */
export function encode({ type, requestId, payload }: Body): string {
  return JSON.stringify({ v: streamSyncVersion, type, requestId, payload });
}

export function peerOf({ id, name }: Pick<Member, 'id' | 'name'>): Peer {
  return { userId: id, displayName: name };
}

/** The request id of whatever was parsed, to answer to. */
export function requestIdOf(raw: unknown): string | undefined {
  const id = typeof raw === 'object' && raw !== null && 'requestId' in raw ? raw.requestId : undefined;
  return typeof id === 'string' ? id : undefined;
}
