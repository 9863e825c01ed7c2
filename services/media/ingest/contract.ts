import type { FromMedia, IngestReport, ToMedia } from '#core/protocol/link/media.ts';

/**
 * The process that takes what others publish. It listens, checks keys and hands streams over on a Unix socket
 * (`stream-protocol.ts`) to whichever source process asks; a hostile neighbour meets nothing but this process.
 */
export type IngestWish = Extract<ToMedia, { type: 'media_ingest' }>['payload'];

export type WhipRequest = Extract<ToMedia, { type: 'media_whip' }>['payload'];
export type WhipAnswer = Extract<FromMedia, { type: 'media_whip_answer' }>['payload'];

/** Media → ingest process. */
export type ToIngest =
  | { type: 'whip'; request: WhipRequest }
  | { type: 'configure'; wish: IngestWish; socketPath: string };

/** Ingest process → media. */
export type FromIngest =
  | { type: 'warm' }
  | { type: 'whip-answer'; answer: WhipAnswer }
  | { type: 'whip-ended'; session: string }
  | { type: 'report'; report: IngestReport }
  /** For the log. */
  | { type: 'note'; level: 'info' | 'warn'; text: string; details: Record<string, string | number> };
