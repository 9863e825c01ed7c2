import { z } from 'zod';
import { problem } from '../../domain/problem.ts';
import { typedText } from '../../domain/typed-text.ts';
import { endpoint } from '../endpoint.ts';

export const outputKind = z.enum(['rtmp', 'srt', 'whip']);
/**
 * `off`: not enabled. `waiting`: for a broadcast. `live`: the destination takes pictures. `retrying`: it can't be
 * reached, or the connection broke; tried every 2 s. `failed`: it answered and refused; tried up to every 30 s.
 */
export const outputState = z.enum(['off', 'waiting', 'connecting', 'live', 'retrying', 'failed']);
export type OutputState = z.infer<typeof outputState>;

/** A destination. Its key is never read: what of the address is secret is left out. */
export const outputBody = z.object({
  id: z.string(),
  name: z.string(),
  kind: outputKind,
  url: z.string(),
  enabled: z.boolean(),
  state: outputState,
  /** Why it is not live, or what is wrong while it is: a line that is too slow. */
  reason: problem.nullable(),
  /** ISO 8601; since when it is in this state. */
  since: z.string().nullable(),
  /** Over the last second; null while it is not live. */
  bitrateKbps: z.number().int().nullable(),
  /** In this broadcast. */
  bytesSent: z.number().int(),
  /** Connections in this broadcast after the first. */
  reconnects: z.number().int(),
  /** Pictures left out in this broadcast, since the line was too slow. */
  droppedFrames: z.number().int(),
  /** What the platform would refuse of the settings. */
  complaints: z.array(z.string()),
});
export type OutputBody = z.infer<typeof outputBody>;

export const outputList = z.object({ outputs: z.array(outputBody) });

const outputName = typedText(64).min(1);
const outputUrl = z.string().trim().min(1).max(1_024);
const outputKey = z.string().max(512);

/** The last path segment of an RTMP address is its key where none is given. */
export const outputRequest = z.strictObject({
  name: outputName,
  url: outputUrl,
  /** Write-only. RTMP: stream key. SRT: passphrase. WHIP: bearer token. */
  key: outputKey.optional(),
  enabled: z.boolean().optional(),
});
export type OutputRequest = z.infer<typeof outputRequest>;

export const outputPatch = z.strictObject({
  name: outputName.optional(),
  url: outputUrl.optional(),
  key: outputKey.nullable().optional(),
  enabled: z.boolean().optional(),
});
export type OutputPatch = z.infer<typeof outputPatch>;

const tag = 'outputs';

export const listOutputs = endpoint({
  method: 'GET',
  path: '/api/v1/outputs',
  who: 'operator',
  answers: { 200: outputList },
  summary: 'Restream destinations and how each is doing',
  tag,
});

export const addOutput = endpoint({
  method: 'POST',
  path: '/api/v1/outputs',
  who: 'operator',
  body: outputRequest,
  answers: { 201: outputBody },
  errors: ['invalid-message', 'full'],
  summary: 'Adds a destination: RTMP, RTMPS, SRT or WHIP; it starts at once where a broadcast runs',
  description:
    '`key` is write-only: the stream key (RTMP), the passphrase (SRT) or the bearer token (WHIP). Without one, the last path segment of an RTMP address is its key. 20 destinations at most.',
  tag,
});

export const changeOutput = endpoint({
  method: 'PATCH',
  path: '/api/v1/outputs/:id',
  who: 'operator',
  body: outputPatch,
  answers: { 200: outputBody },
  errors: ['invalid-message', 'not-found'],
  summary: 'Changes a destination, or switches it on or off, also while live',
  description: 'A key stays as it is where neither `key` nor another address is given; null takes it away.',
  tag,
});

export const removeOutput = endpoint({
  method: 'DELETE',
  path: '/api/v1/outputs/:id',
  who: 'operator',
  answers: { 204: { description: 'It is gone' } },
  errors: ['not-found'],
  summary: 'Removes a destination; its stream ends',
  tag,
});
