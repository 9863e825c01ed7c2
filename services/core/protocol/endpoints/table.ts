import { z } from 'zod';
import type { Endpoint } from '../endpoint.ts';
import * as problem from '../problem.ts';
import * as audience from './audience.ts';
import * as box from './box.ts';
import * as broadcast from './broadcast.ts';
import * as care from './care.ts';
import * as certificate from './certificate.ts';
import * as clock from './clock.ts';
import * as devices from './devices.ts';
import * as documents from './documents.ts';
import * as ingest from './ingest.ts';
import * as operators from './operators.ts';
import * as outputs from './outputs.ts';
import * as pictures from './pictures.ts';
import * as recordings from './recordings.ts';
import * as rooms from './rooms.ts';
import * as settings from './settings.ts';
import * as snapshot from './snapshot.ts';
import * as sources from './sources.ts';
import * as update from './update.ts';
import * as watching from './watching.ts';
import * as whip from './whip.ts';
import * as wifi from './wifi.ts';

/** Each chapter of the API: its endpoints and their bodies. A new file is added here, and nowhere else. */
const chapters: readonly Readonly<Record<string, unknown>>[] = [
  box,
  broadcast,
  watching,
  audience,
  settings,
  sources,
  pictures,
  ingest,
  whip,
  operators,
  care,
  certificate,
  clock,
  outputs,
  snapshot,
  recordings,
  wifi,
  update,
  rooms,
  devices,
  documents,
  problem,
];

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Every endpoint of the HTTP API: chapter by chapter, each by path. */
export const endpoints: readonly Endpoint[] = chapters.flatMap((chapter) =>
  Object.values(chapter)
    .filter(isEndpoint)
    .sort(
      (one, other) =>
        compare(one.path, other.path) || methods.indexOf(one.method) - methods.indexOf(other.method),
    ),
);

/** Every body by the name that it is exported under. */
export const bodies: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  chapters
    .flatMap((chapter) => Object.entries(chapter))
    .flatMap(([name, value]) => (value instanceof z.ZodType ? [[name, value]] : [])),
);

function isEndpoint(value: unknown): value is Endpoint {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
