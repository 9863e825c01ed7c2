import type { IngestReport, ToMedia } from '#core/protocol/link/media.ts';

/**
 * The process that takes what others publish. It listens, checks keys and hands streams over on a Unix socket
 * (`stream-protocol.ts`) to whichever source process asks; a hostile neighbour meets nothing but this process.
 */
export type IngestWish = Extract<ToMedia, { type: 'media_ingest' }>['payload'];

/** Media → ingest process. */
export type ToIngest = { type: 'configure'; wish: IngestWish; socketPath: string };

/** Ingest process → media. */
export type FromIngest =
  | { type: 'warm' }
  | { type: 'report'; report: IngestReport }
  /** For the log. */
  | { type: 'note'; level: 'info' | 'warn'; text: string; details: Record<string, string | number> };
