import type { Problem } from '#core/domain/problem.ts';

/** Why a broadcast does not begin, or what it waits for, where media has no reason of its own. */
export const noPictures = (withinMs: number): Problem => ({
  code: 'no-pictures',
  message: `No pictures came within ${withinMs / 1_000} seconds.`,
  action: 'Check the camera and its cable, or choose another video.source, then press the button again.',
});
export const slowStart: Problem = {
  code: 'slow-start',
  message: 'The first picture takes longer than usual: the source has been started, or the box is busy.',
  action: 'Wait: it is shown as soon as it comes.',
};
export const noMedia: Problem = {
  code: 'media-unavailable',
  message: 'The media service does not run.',
  action: 'Run onair doctor on the box to see what is missing, then press the button again.',
};
export const silence: Problem = {
  code: 'pictures-stopped',
  message: 'Pictures stopped coming from the media service.',
  action: 'Nothing: it is being restarted.',
};
export const mediaAway: Problem = {
  code: 'media-restarting',
  message: 'The media service is restarting.',
  action: 'Nothing: it comes back by itself.',
};

/** Until media has said how it is: it may never have stopped. */
export const resuming: Problem = {
  code: 'resuming',
  message: 'The box has started again and resumes the broadcast.',
  action: 'Nothing: it goes on by itself.',
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
  resuming.code,
  noMedia.code,
]);

/** Media's own words for pictures that are late: no sign that they cannot come. */
export const lateness: ReadonlySet<string> = new Set([
  'no-frames',
  'source-silent',
  'clip-stalled',
  'encoder-silent',
]);
