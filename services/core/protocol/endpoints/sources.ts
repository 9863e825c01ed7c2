import { z } from 'zod';
import { cameraControlName, cameraControlValue, shownControl } from '../../domain/camera.ts';
import { sourceList as mediaSources } from '../../domain/media.ts';
import { endpoint } from '../endpoint.ts';

export { sourceEntry } from '../../domain/media.ts';

const tag = 'broadcast';
export const sourceList = mediaSources.extend({
  /** The id of a source that was taken instead of `video.source`; `slate` while the operator has that shown. */
  taken: z.string().nullable(),
});
export type SourceListBody = z.infer<typeof sourceList>;

export const sourceLevel = z.object({
  /** Whether sound belongs to it. */
  sound: z.boolean(),
  /**
   * The loudest sample of each tenth of the last second, oldest first, in dB of full scale, muted and amplified as it
   * would be on the air; null is silence.
   */
  peaksDb: z.array(z.number().nullable()),
});
export type SourceLevelBody = z.infer<typeof sourceLevel>;

export const listSources = endpoint({
  method: 'GET',
  path: '/api/v1/sources',
  who: 'operator',
  answers: { 200: sourceList },
  summary: 'What can be on the air, with state',
  description:
    'Cameras that are plugged in, the test picture, what others publish (`rtmp`, `srt`, `whip`: `waiting` until they do), and what `video.source` and `video.fallback` name. `onAir` is null, and `slate` true, while none delivers.',
  tag,
});

export const takeSource = endpoint({
  method: 'POST',
  path: '/api/v1/sources/:id/take',
  who: 'operator',
  answers: { 200: sourceList },
  errors: ['not-found', 'conflict', 'unavailable'],
  summary: 'Puts another source on the air, until stop',
  description:
    'Answers once its pictures are on the air; where they do not come within 10 s, what was shown before stays. Leaves `video.source` as it is. While nothing is on the air, it holds for the next broadcast. The id `slate` shows the slate ("back in a moment", silence) until a source is taken or it is given up by DELETE.',
  tag,
  timeoutMs: 15_000,
});

export const releaseSource = endpoint({
  method: 'DELETE',
  path: '/api/v1/sources/:id/take',
  who: 'operator',
  answers: { 200: sourceList },
  summary: 'Gives up what was taken',
  description:
    'For `slate`, what it hid is on the air again; for a source, `video.source` is. What is not taken stays as it is.',
  tag,
});

export const sourceControlsBody = z.partialRecord(cameraControlName, cameraControlValue.nullable());

/** All that can be set of a camera, with what is set. */
export const sourceControlsList = z.object({ controls: z.array(shownControl) });

export const changeSourceControls = endpoint({
  method: 'PATCH',
  path: '/api/v1/sources/:id/controls',
  who: 'operator',
  body: sourceControlsBody,
  answers: { 200: sourceControlsList },
  errors: ['not-found', 'conflict', 'invalid-message'],
  summary: 'Sets a camera, live',
  description:
    'With what it offers (`controls` in `GET /api/v1/sources`), checked against that; null is the default of the camera. Exposure is in µs, white balance in kelvin, other numbers are in the camera’s own steps. Kept in `camera.controls` by the id of the camera, wherever it is plugged in. Answers all of its controls.',
  tag,
});

export const getSourceSnapshot = endpoint({
  method: 'GET',
  path: '/api/v1/sources/:id/snapshot.jpg',
  who: 'operator',
  parameters: z.strictObject({
    width: z.coerce.number().int().min(16).max(3_840).optional(),
    /** Any number: another one makes it another picture to a browser, which else shows the one it has. */
    at: z.coerce.number().optional(),
  }),
  answers: { 200: { type: 'image/jpeg' } },
  errors: ['not-found', 'unavailable'],
  summary: 'What a source shows now, on the air or not',
  description:
    'Starts the source where it does not run, and ends it some seconds after the last request; going live takes it as it runs. At most two pictures a second; `width` (640 without it) is rounded up to a multiple of 160. Never counts as a viewer. 503 says why there is no picture; two sources beside those on the air can be looked at.',
  tag,
  timeoutMs: 15_000,
});

export const getSourceLevel = endpoint({
  method: 'GET',
  path: '/api/v1/sources/:id/level',
  who: 'operator',
  answers: { 200: sourceLevel },
  errors: ['not-found', 'unavailable'],
  summary: 'How loud a source is now, on the air or not',
  description: 'Starts the source as its snapshot does. Covers the last second: ask twice a second.',
  tag,
  timeoutMs: 15_000,
});
