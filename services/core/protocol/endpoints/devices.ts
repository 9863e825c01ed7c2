import { z } from 'zod';
import { typedText } from '../../domain/typed-text.ts';
import { endpoint } from '../endpoint.ts';

const tag = 'devices';

/** One of `GET /api/v1/devices`; the own one's id is `device.id`. */
export const deviceBody = z.object({
  id: z.string(),
  name: z.string(),
  online: z.boolean(),
  own: z.boolean(),
  presence: z
    .object({
      battery: z.number().optional(),
      temperature: z.number().optional(),
      recording: z.boolean().optional(),
    })
    .catchall(z.unknown())
    .nullable(),
  lastSeenAt: z.string().nullable(),
});

/** `GET /api/v1/devices` */
export const deviceList = z.object({ devices: z.array(deviceBody) });

export type DeviceBody = z.infer<typeof deviceBody>;

export const listDevices = endpoint({
  method: 'GET',
  path: '/api/v1/devices',
  who: 'viewer',
  answers: { 200: deviceList },
  summary: 'This box, and those that join it as their hub',
  tag,
});

/** `POST /api/v1/devices` */
export const deviceRequest = z.strictObject({
  id: z.string().regex(/^[\w.:-]{1,128}$/, { error: 'must be 1 to 128 of letters, digits and _ . : -' }),
  name: typedText(64).min(1),
});

/** The key is shown this once; it goes as `Authorization: Bearer` at the upgrade of `/ws/device`. */
export const deviceCreated = z.object({ id: z.string(), key: z.string() });

export const enrollDevice = endpoint({
  method: 'POST',
  path: '/api/v1/devices',
  who: 'operator',
  body: deviceRequest,
  answers: { 201: deviceCreated },
  errors: ['conflict', 'full'],
  summary: 'Enrols a box; its key is shown this once',
  description:
    'The box sets `hub.url` and `hub.key` to join; any other client shows the key at `/ws/device`.',
  tag,
});

export const removeDevice = endpoint({
  method: 'DELETE',
  path: '/api/v1/devices/:device',
  who: 'operator',
  answers: { 204: { description: 'It is gone' } },
  errors: ['not-found'],
  summary: 'Removes a box; its connection and the sessions of its viewers end',
  tag,
});
