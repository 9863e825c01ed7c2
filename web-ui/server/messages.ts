import type { BroadcastState } from '#core/domain/broadcast-state.ts';
import type { Reason } from '#core/domain/media.ts';

/** LANCast, "Status Update". */
export interface LancastStatus {
  live: boolean;
  viewerCount: number;
  /** `resolution` "1920x1080", `bitrate` in kbit/s, `startTime` ISO 8601. */
  streamInfo?: { resolution: string; bitrate: number; startTime: string };
}

export type LancastMessage =
  | { type: 'status'; data: LancastStatus }
  | { type: 'error'; data: { code: string; message: string } };

/** What the page reads of `GET /api/v1/status`. */
export interface StatusReply {
  device: { name: string };
  stream: { title: string };
  broadcast: { state: BroadcastState; reason: Reason | null };
}

/**
 * Reads a LANCast message; null for what is none, or of a type this page doesn't know. The page trusts its
 * own server: only what the program would stumble over is checked.
 */
export function readLancast(text: string): LancastMessage | null {
  const message = parse(text) as LancastMessage | null;
  if (typeof message?.data !== 'object' || message.data === null) return null;
  if (message.type === 'status') return typeof message.data.live === 'boolean' ? message : null;
  return message.type === 'error' && typeof message.data.code === 'string' ? message : null;
}

/** Reads the body of `GET /api/v1/status`; null for anything else. */
export function readStatus(text: string): StatusReply | null {
  const reply = parse(text) as StatusReply | null;
  return typeof reply?.broadcast?.state === 'string' ? reply : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
