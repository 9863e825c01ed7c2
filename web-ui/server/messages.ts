import type { StatusBody } from '#core/protocol/endpoints/box.ts';
import type { LancastError, Status } from '#core/protocol/lancast.ts';

export type LancastMessage = Status | LancastError;
export type StreamInfo = NonNullable<Status['data']['streamInfo']>;

/** What the page reads of `GET /api/v1/status`. */
export interface StatusReply {
  device: Pick<StatusBody['device'], 'name'> & Partial<Pick<StatusBody['device'], 'hostname' | 'address'>>;
  stream: Pick<StatusBody['stream'], 'title'> &
    Partial<Pick<StatusBody['stream'], 'id' | 'sound' | 'description' | 'replayFrom'>>;
  broadcast: Pick<StatusBody['broadcast'], 'state' | 'reason'> &
    Partial<Pick<StatusBody['broadcast'], 'startTime'>>;
  viewer?: StatusBody['viewer'];
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
  const complete = reply?.broadcast?.state && reply.stream && reply.device;
  return complete ? reply : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
