import { z } from 'zod';
import { problem } from '../../domain/problem.ts';
import { endpoint } from '../endpoint.ts';

const tag = 'settings';

/** `GET /api/v1/settings`: nested by the dots of their keys; a secret is `{"set": bool}`. */
export const settingsBody = z.record(z.string(), z.unknown());

export const getSettings = endpoint({
  method: 'GET',
  path: '/api/v1/settings',
  who: 'operator',
  answers: { 200: settingsBody },
  summary: 'All settings; of a secret only whether it is set',
  tag,
});

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

export const getSettingsSchema = endpoint({
  method: 'GET',
  path: '/api/v1/settings/schema',
  who: 'operator',
  answers: { 200: settingsSchemaBody },
  summary: 'What there is to set: type, bounds, default, meaning, and what a change takes',
  tag,
});

/** `PATCH /api/v1/settings`: a merge patch of the settings. */
export const settingsPatch = z.record(z.string(), z.unknown());

export const settingsChange = z.object({
  changed: z.array(z.string()),
  effect: z.enum(['none', 'pipeline', 'address']),
  /** ISO 8601; a change that must be confirmed until then, else it is taken back. */
  confirmBy: z.string().nullable(),
  /** Why what was saved is not in use: a broadcast goes on with what it had. Null where it is in use, or nothing is on the air. */
  notInUse: problem.nullable(),
});

export type SettingsChange = z.infer<typeof settingsChange>;

export const changeSettings = endpoint({
  method: 'PATCH',
  path: '/api/v1/settings',
  who: 'operator',
  body: settingsPatch,
  answers: { 200: settingsChange },
  errors: ['invalid-message', 'conflict', 'unavailable'],
  summary: 'Changes settings, all of them or none: a JSON merge patch (RFC 7386) of Settings',
  description:
    'null puts a setting back to its default. 400 names each key at fault. A change of the effect `address` that ' +
    'comes over the network holds until `confirmBy`; it is taken back unless it is confirmed until then, since who ' +
    'made it may have lost the box by it. While a broadcast is on the air, a change of what the pipeline uses is answered ' +
    'once that was tried: `notInUse` says why it is saved and not used.',
  tag,
});

export const confirmSettings = endpoint({
  method: 'POST',
  path: '/api/v1/settings/confirm',
  who: 'operator',
  answers: { 200: settingsChange },
  errors: ['conflict'],
  summary: 'Keeps a change whose answer had `confirmBy`: who asks still reaches the box',
  description: '409 where none waits: it was confirmed, or taken back.',
  tag,
});
