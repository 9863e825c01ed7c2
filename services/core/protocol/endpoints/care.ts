import { z } from 'zod';
import { endpoint } from '../endpoint.ts';

const tag = 'box';

/** One line of `GET /api/v1/logs` (JSON lines). */
export const logLine = z.object({
  /** ISO 8601 */
  at: z.string(),
  daemon: z.string(),
  level: z.enum(['debug', 'info', 'warn', 'error', 'fatal']),
  message: z.string(),
});

export type LogLine = z.infer<typeof logLine>;

/** More lines than this are not told at once. */
export const maxLogLines = 2_000;

const logQuery = z.strictObject({
  lines: z.coerce.number().int().min(1).max(maxLogLines).default(100),
  daemon: z
    .string()
    .regex(/^[a-z][a-z-]{0,31}$/, { error: 'must be a name like media' })
    .nullable()
    .default(null),
  follow: z
    .enum(['0', '1'])
    .default('0')
    .transform((value) => value === '1'),
});

export const readLogs = endpoint({
  method: 'GET',
  path: '/api/v1/logs',
  who: 'operator',
  parameters: logQuery,
  answers: { 200: { type: 'application/jsonl', data: logLine } },
  errors: ['full'],
  summary: 'What the daemons say: JSON lines (LogLine), the oldest first',
  description:
    '`?lines=N` (100, 2,000 at most), `?daemon=NAME` of one only, `?follow=1` goes on with each line as it comes.',
  tag,
});

/** `POST /api/v1/restart` */
export const restartRequest = z.strictObject({ what: z.enum(['box', 'services']) });

export const restartBox = endpoint({
  method: 'POST',
  path: '/api/v1/restart',
  who: 'operator',
  body: restartRequest,
  answers: { 202: { description: 'It is about to' } },
  errors: ['unavailable'],
  summary: 'Restarts the box or its services',
  description: 'A broadcast goes on after a restart of the services, and ends with one of the box.',
  tag,
});

/** One thing that was looked at. */
export const finding = z.object({
  level: z.enum(['ok', 'warning', 'problem']),
  /** `too-hot`, `network`, `services`; of a problem of the settings its own: `card-full`. */
  code: z.string(),
  what: z.string(),
  /** What to do about it. */
  action: z.string().nullable(),
});
export type Finding = z.infer<typeof finding>;

/** `GET /api/v1/findings` */
export const findingsBody = z.object({
  /** Nothing of it is a problem. */
  healthy: z.boolean(),
  findings: z.array(finding),
});
export type FindingsBody = z.infer<typeof findingsBody>;

export const getFindings = endpoint({
  method: 'GET',
  path: '/api/v1/findings',
  who: 'operator',
  answers: { 200: findingsBody },
  summary: 'What is wrong with the box, and what to do about it',
  description:
    'Services, network, broadcast, heat, power, card, destinations and settings, by the thresholds that lights and quality follow.',
  tag,
});

export const getDiagnosis = endpoint({
  method: 'GET',
  path: '/api/v1/diagnosis',
  who: 'operator',
  answers: { 200: { type: 'application/gzip' } },
  errors: ['rate-limited'],
  summary: 'Status, settings, figures, logs and what the doctor says, for who helps; without secrets',
  tag,
});
