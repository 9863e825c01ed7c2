import { z } from 'zod';
import { issueSeverity, issueType } from '../domain/issue-reports.ts';
import { bitrateHealth, qualityReason } from '../domain/quality.ts';

/** The wire messages of nova.md, declared once: run-time check, static type and source of the documentation. */

/** "protocol: Protocol version (optional, default: 1.0)"; the major number decides. */
export const novaVersion = '1.0';

/** ISO 8601, milliseconds, UTC. */
const timestamp = z.iso.datetime({ offset: true });
const streamId = z.uuid();
const count = z.number().int().min(0);
const kbps = z.number().min(0);
/** Any string that a client chose: it comes back as it came. */
const requestId = z.string().max(256);

/** "Message Format" */
function message<Event extends string, Data extends z.ZodType>(event: Event, data: Data) {
  return z.object({ event: z.literal(event), data });
}

// ── server → client ───────────────────────────────────────────────────────────────────────────

/** "Sent immediately after WebSocket upgrade succeeds." */
export const connectionEstablished = message(
  'connection_established',
  z.object({
    stream_id: streamId,
    viewer_id: z.string(),
    session_id: z.string(),
    protocol_version: z.string(),
    timestamp,
  }),
);

/** When a broadcast begins, and to who comes while it is on. */
export const streamStarted = message(
  'stream_started',
  z.object({
    stream_id: streamId,
    broadcaster_id: z.string(),
    title: z.string(),
    description: z.string(),
    quality: z.string(),
    fps: z.number(),
    bitrate_kbps: kbps,
    /** When the broadcast began. */
    timestamp,
  }),
);

export const endReason = z.enum(['broadcaster_ended', 'connection_lost', 'session_timeout', 'error']);

export const streamEnded = message(
  'stream_ended',
  z.object({
    stream_id: streamId,
    duration_seconds: count,
    peak_viewers: count,
    final_viewer_count: count,
    reason: endReason,
    timestamp,
  }),
);

/** "Sent after each viewer join/leave", several within 50 ms as one. */
export const viewerCountChanged = message(
  'viewer_count_changed',
  z.object({
    stream_id: streamId,
    viewer_count: count,
    peak_viewers: count,
    /** Since the message before it, to any viewer. */
    change: z.number().int(),
    timestamp,
  }),
);

export const qualityChanged = message(
  'quality_changed',
  z.object({
    stream_id: streamId,
    previous_quality: z.string(),
    new_quality: z.string(),
    previous_bitrate_kbps: kbps,
    new_bitrate_kbps: kbps,
    fps: z.number(),
    reason: qualityReason,
    timestamp,
  }),
);

/** Every 5 s while live, as measured. */
export const bitrateUpdate = message(
  'bitrate_update',
  z.object({
    stream_id: streamId,
    current_bitrate_kbps: kbps,
    quality: z.string(),
    health: bitrateHealth,
    timestamp,
  }),
);

/** "Common Error Codes" */
export const errorCode = z.enum([
  'STREAM_NOT_FOUND',
  'STREAM_ENDED',
  'CONNECTION_REJECTED',
  'PROTOCOL_ERROR',
  'SERVER_ERROR',
  'RTMP_CONNECTION_LOST',
  'RTMP_HANDSHAKE_FAILED',
  'BUFFER_OVERFLOW',
  'UNAUTHORIZED',
  'RATE_LIMITED',
]);
export type NovaErrorCode = z.infer<typeof errorCode>;

export const errorSeverity = z.enum(['info', 'warning', 'error', 'critical']);

export const novaError = message(
  'error',
  z.object({
    error_code: errorCode,
    error_message: z.string(),
    severity: errorSeverity,
    /** "Whether viewer can recover without reconnecting" */
    recoverable: z.boolean(),
    suggested_action: z.string(),
    /** Of the request that was refused, where it had one. */
    request_id: z.string().optional(),
    timestamp,
  }),
);

/** Every 30 s. */
export const ping = message('ping', z.object({ sequence: count, timestamp }));

export const streamStatus = z.enum(['offline', 'starting', 'active', 'interrupted']);

/** The answer to `get_stream_info`. */
export const streamInfo = message(
  'stream_info',
  z.object({
    request_id: requestId,
    stream_id: streamId,
    status: streamStatus,
    viewer_count: count,
    peak_viewers: count,
    quality: z.string(),
    bitrate_kbps: kbps,
    fps: z.number(),
    /** 0 while nothing is on air. */
    duration_seconds: count,
    broadcaster_name: z.string(),
    timestamp,
  }),
);

// ── client → server ───────────────────────────────────────────────────────────────────────────

/** `sequence` is missing in pongs that answer no ping, as the printed client sends them. */
export const pong = message('pong', z.object({ sequence: count.optional(), timestamp }));

export const getStreamInfo = message('get_stream_info', z.object({ request_id: requestId }));

export const reportIssue = message(
  'report_issue',
  z.object({
    issue_type: issueType,
    severity: issueSeverity,
    description: z.string(),
    client_info: z.object({
      player: z.string(),
      browser: z.string(),
      os: z.string(),
      network: z.string(),
      bandwidth_estimate_kbps: z.number().min(0),
    }),
  }),
);

export const serverToClient = z.discriminatedUnion('event', [
  connectionEstablished,
  streamStarted,
  streamEnded,
  viewerCountChanged,
  qualityChanged,
  bitrateUpdate,
  novaError,
  ping,
  streamInfo,
]);
export type ServerToClient = z.infer<typeof serverToClient>;

export const clientToServer = z.discriminatedUnion('event', [pong, getStreamInfo, reportIssue], {
  error: (issue) =>
    issue.code === 'invalid_union'
      ? 'must be pong, get_stream_info or report_issue'
      : 'a message is {"event": …, "data": {…}}',
});
export type ClientToServer = z.infer<typeof clientToServer>;
