import type { Reason } from '#core/domain/media.ts';

/** Why a broadcast does not begin, or what it waits for, where media has no reason of its own. */
export const noAnswer: Reason = {
  code: 'no-pictures',
  message: 'No pictures came from the camera within 10 seconds.',
  action: 'Check the camera and its cable, then press the button again.',
};
export const noMedia: Reason = {
  code: 'media-unavailable',
  message: 'The media service does not run.',
  action: 'Run onair doctor on the box to see what is missing, then press the button again.',
};
export const silence: Reason = {
  code: 'pictures-stopped',
  message: 'Pictures stopped coming from the media service.',
  action: 'Nothing: it is being restarted.',
};
export const mediaAway: Reason = {
  code: 'media-restarting',
  message: 'The media service is restarting.',
  action: 'Nothing: it comes back by itself.',
};

/** What is wrong in the box itself: the camera's connection was not lost (nova.md, `stream_ended`). */
export const ownFaults: ReadonlySet<string> = new Set([
  'request-invalid',
  'element-missing',
  'encoder-missing',
  'encoder-failed',
  'pipeline-failed',
  'pipeline-died',
  silence.code,
  mediaAway.code,
  noMedia.code,
]);
