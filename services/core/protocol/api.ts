import { z } from 'zod';
import { broadcastState } from '../domain/broadcast-state.ts';
import { issueSeverity, issueType } from '../domain/issue-reports.ts';
import { reason } from '../domain/media.ts';
import { typedText } from '../domain/typed-text.ts';
import { outputState } from './endpoints/outputs.ts';

/** The bodies of the HTTP API (design.md, "Surfaces" and "Shapes"), declared once. */

/** An error, on every route (RFC 9457): `code` is stable, `title` and `action` are for people. */
export const problemBody = z.object({
  type: z.literal('about:blank'),
  status: z.number().int(),
  code: z.string(),
  title: z.string(),
  action: z.string().optional(),
});

/** `GET /api/v1/status`, and the data of each server-sent event. */
export const statusBody = z.object({
  device: z.object({
    id: z.string(),
    name: z.string(),
    hostname: z.string(),
    /** Where browsers on the network find the page; null without a network. */
    address: z.string().nullable(),
    version: z.string(),
  }),
  stream: z.object({
    id: z.string(),
    title: z.string(),
    /** "720p" */
    quality: z.string(),
    width: z.number().int(),
    height: z.number().int(),
    framesPerSecond: z.number(),
    /** Measured over the last 2 s; null while nothing runs. */
    bitrateKbps: z.number().nullable(),
  }),
  broadcast: z.object({ state: broadcastState, startTime: z.string().nullable(), reason: reason.nullable() }),
  audience: z.object({ viewers: z.number().int(), peak: z.number().int(), max: z.number().int() }),
  telemetry: z.object({
    batteryPercent: z.number().nullable(),
    temperatureCelsius: z.number().nullable(),
    throttled: z.boolean(),
    underVoltage: z.boolean(),
  }),
  /** In the answer to a request over the network: whether who asks may watch; where not, a PIN is asked for. */
  viewer: z.object({ admitted: z.boolean() }).optional(),
});
export type StatusBody = z.infer<typeof statusBody>;

const daemonStatus = z.object({ pid: z.number().int().nullable(), up: z.boolean() });

/** What `status` says over the link besides. */
export const linkStatusBody = statusBody.extend({
  daemons: z.record(z.string(), daemonStatus),
  /** Frames and packets both advanced within the last second. */
  advancing: z.boolean(),
  /** The ports of the web page, without and with TLS, and of WebRTC. */
  ports: z.object({
    http: z.number().int().nullable(),
    https: z.number().int().nullable(),
    webrtc: z.number().int().nullable(),
  }),
  /** Where the page is for the computer at the USB cable; null without one. */
  usbAddress: z.string().nullable(),
  /** Issues that viewers reported since the start; `GET /api/v1/reports` has the latest. */
  issueReports: z.number().int(),
  /** Restream destinations; `GET /api/v1/outputs` has more. */
  outputs: z.array(
    z.object({ id: z.string(), name: z.string(), state: outputState, reason: reason.nullable() }),
  ),
  /** What is wrong with the settings, their file, the card, or an optional part such as the hub. */
  problems: z.array(reason),
});
export type LinkStatusBody = z.infer<typeof linkStatusBody>;

/** `GET /api/v1/health` */
export const healthBody = z.object({ ready: z.boolean(), missing: z.array(z.string()) });

/** `POST /api/v1/streams/{id}/tokens` */
export const tokenRequest = z.strictObject({ pin: z.string().max(64).optional() });
export const tokenBody = z.object({ token: z.string(), expiresAt: z.string(), viewerId: z.string() });

/** `PATCH /api/v1/settings`: a merge patch of the settings. */
export const settingsPatch = z.record(z.string(), z.unknown());
export const settingsChange = z.object({
  changed: z.array(z.string()),
  effect: z.enum(['none', 'pipeline', 'address']),
  /** ISO 8601; a change that must be confirmed until then, else it is taken back. */
  confirmBy: z.string().nullable(),
});
export type SettingsChange = z.infer<typeof settingsChange>;

/** `POST /api/v1/sessions`, `POST /api/v1/rooms` */
export const roomRequest = z.strictObject({
  name: typedText(64).min(1),
  maxMembers: z.number().int().min(2).max(1_000).optional(),
});
export const roomCreated = z.object({ id: z.string(), hostToken: z.string() });
/** One of `GET /api/v1/sessions` and `GET /api/v1/rooms`: the same things under two names. */
export const roomBody = z.object({
  id: z.string(),
  name: z.string(),
  hostId: z.string(),
  members: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      isHost: z.boolean(),
      connectionStatus: z.enum(['connected', 'disconnected', 'reconnecting']),
      joinedAt: z.string(),
      latencyMs: z.number().nullable(),
    }),
  ),
  maxMembers: z.number().int(),
  createdAt: z.string(),
  /** The member who may say what all watch just now; null while nobody is there. */
  authorityId: z.string().nullable(),
});
/** `GET /api/v1/sessions` */
export const sessionList = z.object({ sessions: z.array(roomBody) });
/** `GET /api/v1/rooms` */
export const roomList = z.object({ rooms: z.array(roomBody) });
export type RoomBody = z.infer<typeof roomBody>;

/** `POST /api/v1/devices` */
export const deviceRequest = z.strictObject({
  id: z.string().regex(/^[\w.:-]{1,128}$/, { error: 'must be 1 to 128 of letters, digits and _ . : -' }),
  name: typedText(64).min(1),
});
/** The key is shown this once; it goes as `Authorization: Bearer` at the upgrade of `/ws/device`. */
export const deviceCreated = z.object({ id: z.string(), key: z.string() });
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

const bytes = z.number().int();
/** `GET /api/v1/telemetry`: all that the board says of itself; null where it doesn't. */
export const telemetryBody = z.object({
  batteryPercent: z.number().nullable(),
  charging: z.boolean().nullable(),
  temperatureCelsius: z.number().nullable(),
  throttled: z.boolean().nullable(),
  underVoltage: z.boolean().nullable(),
  memory: z.object({ totalBytes: bytes, availableBytes: bytes }).nullable(),
  load: z.object({ oneMinute: z.number(), fiveMinutes: z.number(), fifteenMinutes: z.number() }).nullable(),
  /** Share of all cores over the last 5 s, 0 to 1. */
  processorBusyRatio: z.number().nullable(),
  disk: z.object({ totalBytes: bytes, availableBytes: bytes }).nullable(),
  network: z.array(
    z.object({
      name: z.string(),
      up: z.boolean(),
      receivedBytes: bytes,
      transmittedBytes: bytes,
      signalDbm: z.number().nullable(),
    }),
  ),
  uptimeSeconds: z.number().nullable(),
});

/** `GET /api/v1/reports`: what viewers complained of, the latest first. Their words are theirs: escape them. */
export const reportsBody = z.object({
  /** Since the start, kept or not. */
  received: z.number().int(),
  reports: z.array(
    z.object({
      id: z.string(),
      receivedAt: z.string(),
      viewerId: z.string(),
      sessionId: z.string(),
      issueType,
      severity: issueSeverity,
      description: z.string(),
      clientInfo: z.object({
        player: z.string(),
        browser: z.string(),
        os: z.string(),
        network: z.string(),
        bandwidthEstimateKbps: z.number(),
      }),
    }),
  ),
});
export type ReportsBody = z.infer<typeof reportsBody>;
