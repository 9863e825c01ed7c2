import type { FromMedia } from '#core/protocol/link/media.ts';

/** What media tells control (core/protocol/link/media.ts), by name. */
type Payload<Type extends FromMedia['type']> = Extract<FromMedia, { type: Type }>['payload'];
export type MediaState = Payload<'media_state'>;
export type MediaFormat = NonNullable<MediaState['format']>;
export type MediaProgress = Payload<'media_progress'>;

export const idle: MediaState = {
  state: 'idle',
  pipelineId: null,
  reason: null,
  format: null,
  attempt: 0,
  slate: false,
};
