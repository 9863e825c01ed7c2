import { z } from 'zod';
import { problem } from '../../domain/problem.ts';
import { envelope } from '../signaling.ts';

/** What control and the recorder, a part of outputs, say to each other. */

/** To outputs: record from now on, or (null) do not. */
export const recordingConfigure = envelope(
  'recording_configure',
  z.object({
    recording: z
      .object({
        /** Of the broadcast; it goes into file names. */
        title: z.string(),
        segmentMinutes: z.number(),
        keepFreeMB: z.number().int(),
        location: z.enum(['auto', 'usb', 'card']),
        deleteOldest: z.boolean(),
        /** Another one: somebody asks again, after a recording that ended by a fault. */
        attempt: z.number().int(),
      })
      .nullable(),
    /** This start of the machine: what was recorded in it before the clock was set gets its date by it. */
    bootId: z.string(),
  }),
);

/** From outputs: on each change, and with each half second on the disk. */
export const recordingReport = envelope(
  'recording_report',
  z.object({
    /** `waiting`: for pictures. */
    state: z.enum(['off', 'waiting', 'recording', 'failed']),
    reason: problem.nullable(),
    /** Of the file that is being written. */
    id: z.string().nullable(),
    durationSeconds: z.number(),
    bytes: z.number().int(),
    /** Where recordings are. */
    directories: z.array(z.string()),
    storage: z.object({ kind: z.enum(['usb', 'card']), freeBytes: z.number().int().nullable() }),
    /** The last file that was closed whole since the outputs service began. */
    completedId: z.string().nullable(),
  }),
);

/** To outputs: a small picture of a recorded file. Answered by `recording_still` with the same id. */
export const recordingStillRequest = envelope(
  'recording_still_request',
  z.object({
    id: z.number().int(),
    path: z.string(),
    /** The key frame at or before it. */
    atSeconds: z.number(),
    /** 0 is the picture's own. */
    width: z.number().int(),
  }),
);

/** `jpeg` is base64; null where there is no picture. */
export const recordingStill = envelope(
  'recording_still',
  z.object({ id: z.number().int(), jpeg: z.string().nullable() }),
);
