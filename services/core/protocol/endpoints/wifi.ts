import { z } from 'zod';
import { problem } from '../../domain/problem.ts';
import { endpoint } from '../endpoint.ts';

const tag = 'wifi';

export const wifiNetwork = z.object({
  ssid: z.string(),
  /** 0 to 100 */
  signalPercent: z.number().int(),
  /** Asks for a passphrase. */
  secured: z.boolean(),
  saved: z.boolean(),
});

/** `GET /api/v1/wifi` */
export const wifiBody = z.object({
  /** This box has a Wi-Fi radio, and something that runs it. */
  available: z.boolean(),
  connected: z.object({ ssid: z.string(), signalPercent: z.number().int().nullable() }).nullable(),
  saved: z.array(z.string()),
  /** The box's own access point while it has no network; the passphrase only on the own socket. */
  accessPoint: z
    .object({ ssid: z.string(), address: z.string(), passphrase: z.string().optional() })
    .nullable(),
  /** The network that is being joined. */
  joining: z.string().nullable(),
  /** A change that is taken back then, unless `POST /api/v1/settings/confirm` comes before. */
  confirmBy: z.string().nullable(),
  /** Why the last try to join one failed; null once one worked. */
  failure: problem.nullable(),
});

export type WifiBody = z.infer<typeof wifiBody>;

export const getWifi = endpoint({
  method: 'GET',
  path: '/api/v1/wifi',
  who: 'operator',
  answers: { 200: wifiBody },
  summary: 'Which wireless network the box is in, and which it knows',
  description: 'The passphrase of the own access point only on the own socket.',
  tag,
});

/** `POST /api/v1/wifi/scan` */
export const wifiScan = z.object({ networks: z.array(wifiNetwork) });

export const scanWifi = endpoint({
  method: 'POST',
  path: '/api/v1/wifi/scan',
  who: 'operator',
  answers: { 200: wifiScan },
  errors: ['wifi-unavailable', 'wifi-failed'],
  summary: 'Listens for networks: the strongest first',
  description: 'While the own access point is open: what was heard before it opened.',
  tag,
  timeoutMs: 30_000,
});

/** `POST /api/v1/wifi/join` */
export const wifiJoinRequest = z.strictObject({
  /** 1 to 32 bytes of UTF-8. */
  ssid: z
    .string()
    .min(1)
    .max(32)
    .refine((text) => !text.includes('\0') && new TextEncoder().encode(text).length <= 32, {
      error: 'must be 1 to 32 bytes',
    }),
  passphrase: z
    .string()
    .regex(/^[ -~]{8,63}$/, { error: 'must be 8 to 63 letters, digits and signs of ASCII' })
    .optional(),
  hidden: z.boolean().default(false),
});

/** Where the page is now; a failed join is a problem with the code `wifi-wrong-passphrase`, `wifi-not-found` or `wifi-no-address`. */
export const wifiJoined = z.object({
  ssid: z.string(),
  address: z.string().nullable(),
  confirmBy: z.string().nullable(),
});

export const joinWifi = endpoint({
  method: 'POST',
  path: '/api/v1/wifi/join',
  who: 'operator',
  body: wifiJoinRequest,
  answers: { 200: wifiJoined, 202: wifiJoined },
  errors: [
    'conflict',
    'wifi-wrong-passphrase',
    'wifi-not-found',
    'wifi-no-address',
    'wifi-unsupported',
    'wifi-failed',
    'wifi-unavailable',
  ],
  summary: 'Joins a network, and remembers it',
  description:
    'Without `passphrase` an open or a saved one. Who comes by the radio itself hears 202 at once, since joining cuts that connection; `failure` of `GET /api/v1/wifi` says how it went, and unless `POST /api/v1/settings/confirm` comes until `confirmBy`, the network before comes back.',
  tag,
  // A radio needs its time, and a network that gives no address takes all of it: the one limit for every client.
  timeoutMs: 90_000,
});

export const forgetWifi = endpoint({
  method: 'DELETE',
  path: '/api/v1/wifi/networks/:ssid',
  who: 'operator',
  answers: { 204: { description: 'It is forgotten' } },
  errors: ['not-found', 'wifi-unavailable', 'wifi-failed'],
  summary: 'Forgets a saved network',
  tag,
  timeoutMs: 30_000,
});
