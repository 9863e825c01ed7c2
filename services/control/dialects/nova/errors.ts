import type { ErrorCode, OnairError } from '#core/domain/errors.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { NovaErrorCode, ServerToClient } from '#core/protocol/nova.ts';
import { httpStatusByCode, type ProblemDocument } from '../../http/problem.ts';

type ErrorData = Extract<ServerToClient, { event: 'error' }>['data'];
export type NovaErrorBody = Omit<ErrorData, 'timestamp'>;

/** "Common Error Codes", those that come as messages: what each means to the viewer. */
const table = {
  PROTOCOL_ERROR: {
    error_message: 'The message could not be read.',
    severity: 'error',
    recoverable: false,
    suggested_action: 'Send {"event": …, "data": {…}} as the protocol has it, then connect again',
  },
  SERVER_ERROR: {
    error_message: 'Something went wrong inside the box.',
    severity: 'error',
    recoverable: true,
    suggested_action: 'Try again later',
  },
  RATE_LIMITED: {
    error_message: 'Too many messages; this one was not read.',
    severity: 'warning',
    recoverable: true,
    suggested_action: 'Send fewer messages',
  },
  RTMP_CONNECTION_LOST: {
    error_message: 'The pictures of the broadcaster were lost.',
    severity: 'error',
    recoverable: true,
    suggested_action: 'Wait: the stream goes on as soon as they are back',
  },
  RTMP_HANDSHAKE_FAILED: {
    error_message: 'The broadcast could not begin.',
    severity: 'critical',
    recoverable: true, // "without reconnecting": the same connection hears stream_started
    suggested_action: 'Wait for stream_started, once the broadcaster has repaired it',
  },
  BUFFER_OVERFLOW: {
    error_message: 'Messages were lost.',
    severity: 'warning',
    recoverable: true,
    suggested_action: 'Ask for the current state with get_stream_info',
  },
  STREAM_ENDED: {
    error_message: 'The stream has ended.',
    severity: 'info',
    recoverable: true,
    suggested_action: 'Wait for stream_started, or close the page',
  },
} satisfies Partial<Record<NovaErrorCode, Omit<NovaErrorBody, 'error_code'>>>;

export type MessageErrorCode = keyof typeof table;

/** The body of an `error` message. @param more what this case says otherwise than its code in general */
export function novaErrorBody(
  code: MessageErrorCode,
  more: Partial<Omit<NovaErrorBody, 'error_code'>> = {},
): NovaErrorBody {
  return { error_code: code, ...table[code], ...more };
}

/** What ended a broadcast in the box itself: not the camera's connection. */
export function boxFault(reason: Problem): NovaErrorBody {
  return novaErrorBody('SERVER_ERROR', {
    error_message: reason.message,
    severity: 'critical',
    recoverable: true,
    suggested_action: 'Wait for stream_started, or close the page',
  });
}

/** What was refused, in Nova's words: the code, and what else the taxonomy knows. */
export function novaErrorOf(error: OnairError): NovaErrorBody {
  const codes: Partial<Record<ErrorCode, MessageErrorCode>> = {
    'rate-limited': 'RATE_LIMITED',
    'invalid-message': 'PROTOCOL_ERROR',
    'unknown-command': 'PROTOCOL_ERROR',
  };
  return novaErrorBody(codes[error.code] ?? 'SERVER_ERROR', {
    error_message: error.message,
    ...(error.action ? { suggested_action: error.action } : {}),
  });
}

/** "Connection Refused": HTTP 401, 403, 404 (and 400 for another version), with Nova's own code in the body. */
export function refusalOf(error: OnairError): ProblemDocument {
  const codes: Partial<Record<ErrorCode, NovaErrorCode>> = {
    unauthorized: 'CONNECTION_REJECTED',
    forbidden: 'UNAUTHORIZED',
    'not-found': 'STREAM_NOT_FOUND',
    full: 'CONNECTION_REJECTED',
    'version-mismatch': 'PROTOCOL_ERROR',
  };
  const { code, message, action, retryAfterSeconds } = error;
  return {
    // A full house is 403 here, where HTTP elsewhere says 503.
    status: code === 'full' ? 403 : httpStatusByCode[code],
    code,
    title: message,
    ...(action ? { action } : {}),
    ...(retryAfterSeconds ? { headers: { 'retry-after': String(retryAfterSeconds) } } : {}),
    extensions: { error_code: codes[code] ?? 'SERVER_ERROR' },
  };
}
