import { z } from 'zod';
import { readJson, readText, requireMediaType, sendJson } from '#control/http/body.ts';
import type { Route } from '#control/http/router.ts';
import { OnairError } from '#core/domain/errors.ts';

/** A route for each way in which a request may end. */
export const routes: Route[] = [
  {
    method: 'GET',
    path: '/plain',
    who: 'everybody',
    handle: ({ response }) => sendJson(response, 200, { plain: true }),
  },
  {
    method: 'POST',
    path: '/echo',
    who: 'everybody',
    handle: async ({ request, response }) => {
      const body = await readJson(request, z.strictObject({ text: z.string().max(100_000).optional() }));
      sendJson(response, 200, body);
    },
  },
  {
    method: 'POST',
    path: '/sdp',
    who: 'everybody',
    anyOrigin: true,
    handle: async ({ request, response }) => {
      requireMediaType(request, 'application/sdp');
      response.end(await readText(request));
    },
  },
  {
    method: 'OPTIONS',
    path: '/sdp',
    who: 'everybody',
    anyOrigin: true,
    handle: ({ response }) => void response.writeHead(204).end(),
  },
  {
    method: 'DELETE',
    path: '/state',
    who: 'operator',
    handle: ({ response }) => sendJson(response, 202, {}),
  },
  {
    method: 'GET',
    path: '/boom',
    who: 'everybody',
    handle: () => {
      throw new Error('secret detail');
    },
  },
  {
    method: 'GET',
    path: '/busy',
    who: 'everybody',
    handle: () => {
      throw new OnairError('full', 'No place.', { action: 'Wait.', retryAfterSeconds: 10 });
    },
  },
  {
    method: 'GET',
    path: '/half',
    who: 'everybody',
    handle: ({ response }) => {
      response.writeHead(200).write('half');
      throw new Error('in the middle');
    },
  },
];
export const json = { 'content-type': 'application/json' };
