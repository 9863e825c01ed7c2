import { z } from 'zod';
import { problem } from '../../domain/problem.ts';
import { endpoint } from '../endpoint.ts';
import { pictureWidth } from './snapshot.ts';

/** A file that was recorded. */
export const recordingBody = z.object({
  id: z.string(),
  /** ISO 8601; null where the box had no clock. */
  startTime: z.string().nullable(),
  clock: z.enum(['set', 'unset']),
  durationSeconds: z.number(),
  bytes: z.number().int(),
  /** `recovered`: a power cut ended it. */
  state: z.enum(['recording', 'complete', 'recovered']),
});
export type RecordingBody = z.infer<typeof recordingBody>;

const storage = z.object({
  kind: z.enum(['usb', 'card']),
  /** Of the place where recordings go; 0 where there is none. */
  freeBytes: z.number().int(),
  /** At the bitrate of now, until only `recording.keepFreeMB` is left. */
  minutesLeft: z.number().int(),
});

export const recordingList = z.object({
  /** The newest first. */
  recordings: z.array(recordingBody),
  storage,
});

/** What the recorder does. */
export const recordingState = z.object({
  /** `waiting`: for pictures. `failed`: `reason` says why. */
  state: z.enum(['off', 'waiting', 'recording', 'failed']),
  reason: problem.nullable(),
  /** Of the file that is being written. */
  id: z.string().nullable(),
  durationSeconds: z.number(),
  storage,
});
export type RecordingState = z.infer<typeof recordingState>;

const tag = 'recordings';

export const getRecording = endpoint({
  method: 'GET',
  path: '/api/v1/recording',
  who: 'operator',
  answers: { 200: recordingState },
  summary: 'What the recorder does',
  tag,
});

export const startRecording = endpoint({
  method: 'POST',
  path: '/api/v1/recording',
  who: 'operator',
  answers: { 202: recordingState },
  errors: ['conflict'],
  summary: 'Records the running broadcast from now on',
  description: '409 while nothing is on air, and where `recording.mode` is `off`.',
  tag,
});

export const stopRecording = endpoint({
  method: 'DELETE',
  path: '/api/v1/recording',
  who: 'operator',
  answers: { 202: recordingState },
  summary: 'Ends the recording; the broadcast goes on',
  tag,
});

export const listRecordings = endpoint({
  method: 'GET',
  path: '/api/v1/recordings',
  who: 'viewer',
  answers: { 200: recordingList },
  errors: ['forbidden'],
  summary: 'What was recorded',
  description: 'For operators; for viewers where `viewing.recordings` is on.',
  tag,
});

export const downloadRecording = endpoint({
  method: 'GET',
  path: '/api/v1/recordings/:id.mp4',
  who: 'viewer',
  answers: {
    200: { type: 'video/mp4' },
    206: { type: 'video/mp4' },
    416: { description: 'Nothing of it is in that range' },
  },
  errors: ['forbidden', 'not-found'],
  summary: 'A recording as an ordinary MP4 file, whole or by ranges',
  description: 'With its index in front, made while it is sent; one that is being written as far as it is.',
  tag,
});

export const getRecordingThumbnail = endpoint({
  method: 'GET',
  path: '/api/v1/recordings/:id.jpg',
  who: 'viewer',
  parameters: z.strictObject({
    /** Seconds since the begin of the recording. */
    at: z.coerce.number().min(0).max(1e7).optional(),
    width: pictureWidth.optional(),
  }),
  answers: { 200: { type: 'image/jpeg' } },
  errors: ['forbidden', 'not-found'],
  summary: 'A picture of a recording',
  description:
    'Without `at` from its beginning, else the key frame at or before that second. `width` (320 without it) is rounded up to a multiple of 160. 404 where none can be decoded.',
  tag,
});

const deleted = {
  method: 'DELETE',
  who: 'operator',
  answers: { 204: { description: 'It is gone' } },
  errors: ['not-found', 'conflict'],
  tag,
} as const;

export const deleteRecording = endpoint({
  ...deleted,
  path: '/api/v1/recordings/:id',
  summary: 'Deletes a recording',
});

export const deleteRecordedFile = endpoint({
  ...deleted,
  path: '/api/v1/recordings/:id.mp4',
  summary: 'The same, under the address of the file',
});
