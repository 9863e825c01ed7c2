import { z } from 'zod';
import type { Endpoint } from '../endpoint.ts';
import * as broadcast from './broadcast.ts';
import * as certificate from './certificate.ts';
import * as outputs from './outputs.ts';

/** Each chapter of the API: its endpoints and their bodies. A new file is added here, and nowhere else. */
const chapters: readonly Readonly<Record<string, unknown>>[] = [broadcast, certificate, outputs];

const declared = chapters.flatMap((chapter) => Object.entries(chapter));

/** Every endpoint of the HTTP API, by path. */
export const endpoints: readonly Endpoint[] = declared
  .flatMap(([, value]) => (isEndpoint(value) ? [value] : []))
  .sort((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0));

/** Every body by the name that it is exported under. */
export const bodies: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  declared.flatMap(([name, value]) => (value instanceof z.ZodType ? [[name, value]] : [])),
);

function isEndpoint(value: unknown): value is Endpoint {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value;
}
