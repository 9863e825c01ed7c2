import { z } from 'zod';
import { problem } from '../../domain/problem.ts';
import { outputKind, outputState } from '../endpoints/outputs.ts';
import { envelope } from '../signaling.ts';
import { daemonHello, daemonWelcome } from './daemon.ts';
import { recordingConfigure, recordingReport, recordingStill, recordingStillRequest } from './recording.ts';

/** What control and outputs say to each other. */

/** After the welcome and on change: all that is to leave the box. Secrets are in it; the socket's permissions keep them. */
export const outputsConfigure = envelope(
  'outputs_configure',
  z.object({
    /** A broadcast is wanted: send. */
    live: z.boolean(),
    /** Those that are enabled. */
    outputs: z.array(
      z.object({
        id: z.string(),
        kind: outputKind,
        url: z.string(),
        key: z.string().nullable(),
        extra: z.string().nullable(),
        /** Time 0 of its stream, in ticks of the media bus: when it was first wanted in this broadcast. */
        startedTicks: z.number().int(),
      }),
    ),
  }),
);

/** After the welcome and on change: whether and how RTSP is offered; null where it is not. */
export const outputsRtsp = envelope(
  'outputs_rtsp',
  z.object({
    rtsp: z
      .object({
        /** 0 lets the system choose. */
        port: z.number().int().min(0).max(65_535),
        /** Asked for by digest; null lets everybody watch. */
        pin: z.string().nullable(),
        /** So many more may begin to watch. */
        freePlaces: z.number().int(),
      })
      .nullable(),
  }),
);

/** One who watches by RTSP has no place: ends it. */
export const outputsRtspEnd = envelope('outputs_rtsp_end', z.object({ id: z.string() }));

/** Somebody shows a PIN by RTSP: may that address try one? Answered by `outputs_pin_answer`. */
export const outputsPinTry = envelope('outputs_pin_try', z.object({ id: z.string(), address: z.string() }));

/** It was wrong. */
export const outputsPinWrong = envelope('outputs_pin_wrong', z.object({ address: z.string() }));

export const outputsPinAnswer = envelope(
  'outputs_pin_answer',
  z.object({ id: z.string(), allowed: z.boolean() }),
);

/** The newest picture as JPEG; `width` 0 is its own. Answered by `outputs_snapshot` of the same width. */
export const outputsSnapshotRequest = envelope(
  'outputs_snapshot_request',
  z.object({ width: z.number().int() }),
);

/** `jpeg` is base64; null where there is no picture. */
export const outputsSnapshot = envelope(
  'outputs_snapshot',
  z.object({ width: z.number().int(), jpeg: z.string().nullable() }),
);

/** On each change: where RTSP is offered, and who watches. */
export const outputsRtspReport = envelope(
  'outputs_rtsp_report',
  z.object({
    port: z.number().int().nullable(),
    reason: problem.nullable(),
    viewers: z.array(z.object({ id: z.string(), address: z.string() })),
  }),
);

/** On each change, and every second while one is live: all that are enabled. */
export const outputsReport = envelope(
  'outputs_report',
  z.object({
    outputs: z.array(
      z.object({
        id: z.string(),
        state: outputState,
        reason: problem.nullable(),
        bitrateKbps: z.number().int().nullable(),
        bytesSent: z.number().int(),
        reconnects: z.number().int(),
        droppedFrames: z.number().int(),
      }),
    ),
  }),
);

export const toOutputs = z.discriminatedUnion('type', [
  daemonWelcome,
  outputsConfigure,
  outputsRtsp,
  outputsRtspEnd,
  outputsPinAnswer,
  outputsSnapshotRequest,
  recordingConfigure,
  recordingStillRequest,
]);

export const fromOutputs = z.discriminatedUnion('type', [
  daemonHello,
  outputsReport,
  outputsRtspReport,
  outputsPinTry,
  outputsPinWrong,
  outputsSnapshot,
  recordingReport,
  recordingStill,
]);

export type ToOutputs = z.infer<typeof toOutputs>;

export type FromOutputs = z.infer<typeof fromOutputs>;
