import { z } from 'zod';
import { endpoint } from '../endpoint.ts';

/** What a picture of the operator's is for: each is named by a setting. */
export const pictureSettings = { logo: 'overlay.logo', slate: 'video.slate' } as const;
export type PictureUse = keyof typeof pictureSettings;

export const pictureBody = z.object({
  /** What the setting names now. */
  path: z.string(),
  type: z.enum(['png', 'jpeg']),
  width: z.number().int(),
  height: z.number().int(),
  bytes: z.number().int(),
});

export const uploadPicture = endpoint({
  method: 'PUT',
  path: '/api/v1/pictures/:use',
  who: 'operator',
  body: { type: 'application/octet-stream', streamed: true },
  answers: { 200: pictureBody },
  errors: ['not-found', 'invalid-message', 'unavailable'],
  summary: 'Takes the picture of the logo or the slate, and shows it',
  description:
    '`use` is `logo` or `slate`. A PNG or JPEG of 4 MB and 4096 x 4096 pixels at most, checked before it is kept; then `overlay.logo` or ' +
    '`video.slate` names the stored file, live, and the picture that was sent before is deleted. Setting it to null takes the picture away.',
  timeoutMs: 120_000,
  tag: 'broadcast',
});
