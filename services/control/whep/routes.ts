import type { ServerResponse } from 'node:http';
import type { RequestContext, Route } from '../http/router.ts';

type Handle = Route['handle'];

/** The endpoint and its sessions; `find` throws for a session that is not there. */
export function whepRoutes({
  create,
  patch,
  end,
  find,
}: {
  create: Handle;
  patch: Handle;
  end: Handle;
  find: (sessionId: string | undefined) => unknown;
}): Route[] {
  const session = '/whep/:session';
  return [
    {
      method: 'POST',
      path: '/whep',
      anyOrigin: true,
      doc: {
        tag: 'watching',
        summary: 'WHEP: an SDP offer for its answer; Location is the session',
        description:
          'The answer has all candidates of the box. 409 with Retry-After while nothing is on air, 503 with Retry-After ' +
          'where the house is full (`full`), or WebRTC serves nobody more (`unavailable`; `action` says what to do).',
        admits: 'viewer',
        request: { type: 'application/sdp' },
        answers: { 201: { type: 'application/sdp' } },
      },
      handle: create,
    },
    {
      method: 'GET',
      path: '/whep',
      anyOrigin: true,
      doc: {
        tag: 'watching',
        summary: 'WHEP: nothing; the endpoint has no representation',
        answers: { 204: { description: 'It is there' } },
      },
      handle: ({ response }) => sayNothing(response),
    },
    { method: 'OPTIONS', path: '/whep', anyOrigin: true, handle: sayWhatIsPossible },
    {
      method: 'PATCH',
      path: session,
      anyOrigin: true,
      doc: {
        tag: 'watching',
        summary: 'WHEP: more candidates of the viewer, or an ICE restart',
        description:
          'If-Match is the ETag of the ICE session, or * for a restart; without it 428, with another one 412. 422 where ' +
          'the engine cannot restart ICE: the session goes on, and a new one can be opened.',
        request: { type: 'application/trickle-ice-sdpfrag' },
        answers: {
          200: { type: 'application/trickle-ice-sdpfrag', description: 'ICE has begun afresh' },
          204: { description: 'The candidates are taken' },
        },
      },
      handle: patch,
    },
    {
      method: 'DELETE',
      path: session,
      anyOrigin: true,
      doc: {
        tag: 'watching',
        summary: 'WHEP: ends the session',
        answers: { 200: { description: 'It is over' } },
      },
      handle: end,
    },
    {
      method: 'GET',
      path: session,
      anyOrigin: true,
      doc: {
        tag: 'watching',
        summary: 'WHEP: nothing; the session has no representation',
        answers: { 204: { description: 'It is there' } },
      },
      handle: ({ response, params }) => {
        find(params.session);
        sayNothing(response);
      },
    },
    { method: 'OPTIONS', path: session, anyOrigin: true, handle: sayWhatIsPossible },
  ];
}

function sayWhatIsPossible({ response }: RequestContext): void {
  response
    .writeHead(200, {
      'accept-post': 'application/sdp',
      'accept-patch': 'application/trickle-ice-sdpfrag',
      'content-length': 0,
    })
    .end();
}

/** Endpoints and sessions have no representation: GET is answered 2xx without content (WHEP, "HTTP usage"). */
function sayNothing(response: ServerResponse): void {
  response.writeHead(204, { 'cache-control': 'no-store' }).end();
}
