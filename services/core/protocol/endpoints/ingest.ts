import { z } from 'zod';
import { problem } from '../../domain/problem.ts';
import { endpoint } from '../endpoint.ts';

/** What is known of one way in, beside its address. */
const wayIn = {
  /** Who publishes now; null where nobody does. */
  publisher: z.object({ address: z.string(), since: z.iso.datetime() }).nullable(),
  /** Why it takes no streams, or turned the last publisher away; null where all is well. */
  reason: problem.nullable(),
};

/** Where others publish to, each address ready to paste; null for what is switched off. */
export const ingestAddresses = z.object({
  /** `url` for ffmpeg, `server` and `key` for OBS. */
  rtmp: z.object({ url: z.string(), server: z.string(), key: z.string(), ...wayIn }).nullable(),
  srt: z.object({ url: z.string(), ...wayIn }).nullable(),
  whip: z.object({ url: z.string(), token: z.string(), ...wayIn }).nullable(),
});
export type IngestAddresses = z.infer<typeof ingestAddresses>;

export const getIngest = endpoint({
  method: 'GET',
  path: '/api/v1/ingest',
  who: 'operator',
  answers: { 200: ingestAddresses },
  summary: 'Where phones, OBS and encoders publish to, with the key',
  description:
    'Addresses name the box by number. `PATCH /api/v1/settings` with `{"ingest":{"key":null}}` makes a new key and ends streams that came with the old one.',
  tag: 'broadcast',
});
