import { z } from 'zod';
import { endpoint } from '../endpoint.ts';

/** Of a picture that is asked for, in pixels. */
export const pictureWidth = z.coerce.number().int().min(16).max(3_840);

export const getSnapshot = endpoint({
  method: 'GET',
  path: '/api/v1/snapshot.jpg',
  who: 'viewer',
  parameters: z.strictObject({ width: pictureWidth.optional() }),
  answers: { 200: { type: 'image/jpeg' } },
  errors: ['unavailable'],
  summary: 'The newest picture of the broadcast, at most a second old',
  description:
    '`width` asks for a smaller one; it is rounded up to a multiple of 160. Decoded once for all who ask. 503 while nothing is broadcast.',
  tag: 'watching',
});
