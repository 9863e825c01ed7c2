import { z } from 'zod';
import { reason } from '../domain/media.ts';

/** The bodies of what operators need: pairing, Wi-Fi, logs, history (design.md, "Surfaces"), declared once. */

/** `GET /api/v1/pairing`: what somebody who wants to become operator can do now. */
export const pairingBody = z.object({
  /** Somebody waits for the button. */
  waiting: z.boolean(),
  /** A long press opened the door: the next who asks is let in. */
  windowOpen: z.boolean(),
  /** Five wrong codes came from the address that asks: further wrong ones are answered 429, the right one is taken. */
  locked: z.boolean(),
  /** Until when the waiting or the window lasts. */
  expiresAt: z.string().nullable(),
  /** Whether who asks is an operator already. */
  operator: z.boolean(),
});
/** `POST /api/v1/pairing`: without a code it waits up to 30 s for a long press of the real button. */
export const pairingRequest = z.strictObject({
  /** How the list of operators calls it: "Kim's laptop". */
  name: z
    .string()
    .trim()
    .min(1)
    .max(64)
    .regex(/^\P{C}*$/u, { error: 'must not contain control characters' })
    .optional(),
  /** Six digits that the serial line or the box's own command showed. */
  code: z
    .string()
    .regex(/^\d{6}$/, { error: 'must be six digits' })
    .optional(),
  /** A browser takes the cookie; a program asks for a token to send as `Authorization: Bearer`. */
  as: z.enum(['cookie', 'token']).default('cookie'),
});
export const pairingGranted = z.object({ operatorId: z.string(), token: z.string().optional() });
/** `POST /api/v1/pairing/code`, on the own socket only. */
export const pairingCode = z.object({
  code: z.string(),
  expiresAt: z.string(),
});
/** `GET /api/v1/operators` */
export const operatorList = z.object({
  operators: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      createdAt: z.string(),
      lastSeenAt: z.string().nullable(),
      /** The one that asks. */
      current: z.boolean(),
    }),
  ),
});
export type OperatorList = z.infer<typeof operatorList>;

/** `GET /api/v1/settings/schema`: all that a surface needs to show and check a setting. */
export const settingsSchemaBody = z.object({
  settings: z.array(
    z.object({
      key: z.string(),
      type: z.enum(['string', 'integer', 'number', 'boolean', 'choice', 'list', 'object']),
      nullable: z.boolean(),
      description: z.string(),
      unit: z.string().optional(),
      default: z.unknown(),
      minimum: z.number().optional(),
      maximum: z.number().optional(),
      step: z.number().optional(),
      minLength: z.number().int().optional(),
      maxLength: z.number().int().optional(),
      pattern: z.string().optional(),
      choices: z.array(z.union([z.string(), z.number()])).optional(),
      /** Of a list. */
      maxItems: z.number().int().optional(),
      items: z.enum(['string', 'integer', 'number', 'boolean', 'choice', 'list', 'object']).optional(),
      secret: z.boolean(),
      fixed: z.boolean(),
      effect: z.enum(['none', 'pipeline', 'address']),
    }),
  ),
});
export type SettingsSchemaBody = z.infer<typeof settingsSchemaBody>;

/** How long who asks for these waits: a radio needs its time, and a network that gives no address takes all of it. */
export const wifiJoinTimeoutMs = 90_000;
export const wifiScanTimeoutMs = 30_000;

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
  failure: reason.nullable(),
});
export type WifiBody = z.infer<typeof wifiBody>;
/** `POST /api/v1/wifi/scan` */
export const wifiScan = z.object({ networks: z.array(wifiNetwork) });
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

/** `POST /api/v1/delay`: from the camera to this viewer's screen. */
export const delayReport = z.strictObject({ delayMs: z.number().min(0).max(600_000) });

/** `POST /api/v1/restart` */
export const restartRequest = z.strictObject({ what: z.enum(['box', 'services']) });

/** One line of `GET /api/v1/logs` (JSON lines). */
export const logLine = z.object({
  /** ISO 8601 */
  at: z.string(),
  daemon: z.string(),
  level: z.enum(['debug', 'info', 'warn', 'error', 'fatal']),
  message: z.string(),
});
export type LogLine = z.infer<typeof logLine>;

/** `GET /api/v1/history`: the last 10 minutes, one sample every 5 s, the oldest first; null where nothing was known. */
export const historyBody = z.object({
  intervalSeconds: z.number(),
  samples: z.array(
    z.object({
      at: z.string(),
      viewers: z.number().int(),
      bitrateKbps: z.number().nullable(),
      framesPerSecond: z.number().nullable(),
      /** The worst that viewers told of, over that time. */
      delayMs: z.number().nullable(),
      batteryPercent: z.number().nullable(),
      temperatureCelsius: z.number().nullable(),
      throttled: z.boolean().nullable(),
      processorBusyRatio: z.number().nullable(),
    }),
  ),
});
export type HistoryBody = z.infer<typeof historyBody>;
