import { z } from 'zod';
import { problem } from '../../domain/problem.ts';
import { endpoint } from '../endpoint.ts';

/** One of the two systems on the card. */
export const updateSlot = z.enum(['A', 'B']);
export type UpdateSlot = z.infer<typeof updateSlot>;

export const updateState = z.enum([
  'idle',
  'downloading',
  'verifying',
  'installing',
  'trying',
  'committed',
  'rolled-back',
]);
export type UpdateState = z.infer<typeof updateState>;

export const updateBody = z.object({
  /** The version that runs. */
  current: z.string(),
  /** Where it is; null where there is one system only, as on plain Debian. */
  slot: updateSlot.nullable(),
  /** The version that was brought last and is not running, or the newer one that `update.channel` or a USB disk offers. */
  available: z.string().nullable(),
  state: updateState,
  /** Of the step that `state` names; null where that has no end to be foreseen. */
  percent: z.number().int().min(0).max(100).nullable(),
  /** Why the last update came to nothing, or what it waits for. */
  reason: problem.nullable(),
});
export type UpdateBody = z.infer<typeof updateBody>;

/** What the operator allows. */
export const updateConsent = z.object({
  /** The box may go back to an older version, or install the same one again. */
  downgrade: z.boolean().optional(),
  /** It may restart while it is on the air. */
  onAir: z.boolean().optional(),
});

export const updateRequest = updateConsent.extend({
  /** Of a bundle, as `make update` makes it; without it, the newer one that `update.channel` or a USB disk offers. */
  url: z
    .url({ protocol: /^https?$/, error: 'must be an address that begins with http:// or https://' })
    .max(2_048)
    .optional(),
});

const flag = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .optional();
const consentQuery = z.strictObject({ downgrade: flag, onAir: flag });

const tag = 'update';

export const getUpdate = endpoint({
  method: 'GET',
  path: '/api/v1/update',
  who: 'operator',
  answers: { 200: updateBody },
  errors: ['unavailable'],
  summary: 'The version that runs, and how an update is doing',
  tag,
});

export const installUpdate = endpoint({
  method: 'POST',
  path: '/api/v1/update',
  who: 'operator',
  body: updateRequest,
  answers: { 202: updateBody },
  errors: ['invalid-message', 'conflict', 'unavailable'],
  summary: 'Downloads a bundle, verifies it, writes it to the other system and tries it once',
  description:
    'It is committed once the new version has started all services, served its page, and encoded and decoded a picture of the ' +
    'source; else the old one is back within three minutes. 409 while an update is under way, and while the box is on the air ' +
    'unless `onAir` is true, and without `url` where no `update.channel` is set and no disk has one. With the media type `application/octet-stream` the body is the bundle itself, as for PUT.',
  tag,
});

export const uploadUpdate = endpoint({
  method: 'PUT',
  path: '/api/v1/update',
  who: 'operator',
  parameters: consentQuery,
  body: { type: 'application/octet-stream', streamed: true },
  answers: { 202: updateBody },
  errors: ['conflict', 'unavailable'],
  summary: 'The same with the bundle itself as body',
  tag,
  timeoutMs: 1_800_000,
});

export const rollBackUpdate = endpoint({
  method: 'POST',
  path: '/api/v1/update/rollback',
  who: 'operator',
  body: updateConsent,
  answers: { 202: updateBody },
  errors: ['conflict', 'unavailable'],
  summary: 'Goes back to the version that was there before, which is tried and committed in the same way',
  tag,
});
