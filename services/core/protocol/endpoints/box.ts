import { z } from 'zod';
import { broadcastState } from '../../domain/broadcast-state.ts';
import { issueSeverity, issueType } from '../../domain/issue-reports.ts';
import { problem } from '../../domain/problem.ts';
import { endpoint } from '../endpoint.ts';
import { outputState } from './outputs.ts';

const tag = 'box';

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
    /** False where the operator has set `audio.source` to none. */
    sound: z.boolean(),
    /** What the broadcast is about; empty where nobody said. */
    description: z.string(),
    /** "720p" */
    quality: z.string(),
    width: z.number().int(),
    height: z.number().int(),
    framesPerSecond: z.number(),
    /** Measured over the last 2 s; null while nothing runs. */
    bitrateKbps: z.number().nullable(),
    /** ISO 8601: `/hls/replay.m3u8` reaches back to then; null where viewers can go back no further than `hls.windowSeconds`. */
    replayFrom: z.string().nullable(),
  }),
  broadcast: z.object({
    state: broadcastState,
    startTime: z.string().nullable(),
    reason: problem.nullable(),
  }),
  audience: z.object({ viewers: z.number().int(), peak: z.number().int(), max: z.number().int() }),
  telemetry: z.object({
    batteryPercent: z.number().nullable(),
    temperatureCelsius: z.number().nullable(),
    throttled: z.boolean(),
    underVoltage: z.boolean(),
  }),
  /** In the answer to a request over the network: whether who asks may watch; where not, a PIN is asked for. */
  viewer: z
    .object({
      admitted: z.boolean(),
      /** It may see what was recorded. */
      recordings: z.boolean().optional(),
      /** The operator has shut it out until this broadcast is over. */
      removed: z.boolean().optional(),
      /** WebRTC sends it key frames alone: its link takes no more. LL-HLS has all pictures. */
      keyFramesOnly: z.boolean().optional(),
    })
    .optional(),
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
    /** Null while it is not offered. */
    rtsp: z.number().int().nullable(),
  }),
  /** Where the page is for the computer at the USB cable; null without one. */
  usbAddress: z.string().nullable(),
  /** What is wrong with heat and power, by the thresholds that quality and lights follow. */
  powerConditions: z.array(z.enum(['too-hot', 'under-voltage', 'battery-low'])),
  /** Issues that viewers reported since the start; `GET /api/v1/reports` has the latest. */
  issueReports: z.number().int(),
  /** How WebRTC viewers are served; null while egress is away. */
  webrtc: z
    .object({
      /** What the encoder is to take, so that the viewers' links can follow. */
      targetKbps: z.number().int(),
      /** Newcomers are refused: this machine can serve no more. */
      full: z.boolean(),
      viewers: z.array(
        z.object({
          userId: z.string(),
          /** What the viewer's link takes; null where nothing is known of it. */
          estimateKbps: z.number().int().nullable(),
          /** The target is what this viewer's link takes. */
          holdsTarget: z.boolean(),
          /** Its link can't take the floor. */
          keyFramesOnly: z.boolean(),
        }),
      ),
    })
    .nullable(),
  /** Restream destinations; `GET /api/v1/outputs` has more. */
  outputs: z.array(
    z.object({ id: z.string(), name: z.string(), state: outputState, reason: problem.nullable() }),
  ),
  /** What is wrong with the settings, their file, the card, or an optional part such as the hub. */
  problems: z.array(problem),
});

export type LinkStatusBody = z.infer<typeof linkStatusBody>;

export const getStatus = endpoint({
  method: 'GET',
  path: '/api/v1/status',
  who: 'everybody',
  answers: { 200: statusBody },
  operatorAnswers: { 200: linkStatusBody },
  summary: 'What the box is and does',
  description:
    'For operators and on the own socket also `daemons`, `advancing`, `ports` and `issueReports` (LinkStatus).',
  tag,
});

export const followStatus = endpoint({
  method: 'GET',
  path: '/api/v1/events',
  who: 'everybody',
  answers: { 200: { type: 'text/event-stream', data: statusBody } },
  operatorAnswers: { 200: { type: 'text/event-stream', data: linkStatusBody } },
  errors: ['full'],
  summary: 'Server-sent events: `status` with a Status, at once and on every change',
  description:
    'Changes within 20 ms are one event; a comment every 15 s keeps the connection. 200 listeners at most; where ' +
    'these are taken, another address than the one with most gets its newest.',
  tag,
});

/** `GET /api/v1/health` */
export const healthBody = z.object({ ready: z.boolean(), missing: z.array(z.string()) });

export const getHealth = endpoint({
  method: 'GET',
  path: '/api/v1/health',
  who: 'everybody',
  answers: { 200: healthBody, 503: healthBody },
  summary: 'Whether all daemons are there, live or not',
  tag,
});

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

export const getTelemetry = endpoint({
  method: 'GET',
  path: '/api/v1/telemetry',
  who: 'operator',
  answers: { 200: telemetryBody },
  summary: 'All that the board says of itself; null where it does not',
  tag,
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

export const listReports = endpoint({
  method: 'GET',
  path: '/api/v1/reports',
  who: 'operator',
  answers: { 200: reportsBody },
  summary: 'What viewers complained of, the latest first',
  tag,
});

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

export const getHistory = endpoint({
  method: 'GET',
  path: '/api/v1/history',
  who: 'operator',
  answers: { 200: historyBody },
  summary: 'The last 10 minutes in figures, one sample every 5 s, the oldest first',
  tag,
});

export const getMetrics = endpoint({
  method: 'GET',
  path: '/metrics',
  who: 'everybody',
  answers: { 200: { type: 'text/plain' } },
  summary: 'Figures for Prometheus (docs/telemetry.md)',
  tag,
});
