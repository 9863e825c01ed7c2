import { endpoint } from '../endpoint.ts';

const tag = 'broadcast';

export const offerWhip = endpoint({
  method: 'POST',
  path: '/whip',
  who: 'everybody',
  anyOrigin: 'bearer',
  body: { type: 'application/sdp' },
  answers: { 201: { type: 'application/sdp' } },
  errors: ['unauthorized', 'conflict', 'no-codec', 'unavailable'],
  summary: 'WHIP: an SDP offer for its answer; Location is the session',
  description:
    'RFC 9725, with `Authorization: Bearer` and the ingest key. H.264 or VP8, with Opus. The answer has all candidates of the box. 409 while somebody else publishes, 422 where one of its sections is not taken.',
  tag,
});

export const lookAtWhip = endpoint({
  method: 'GET',
  path: '/whip',
  who: 'everybody',
  anyOrigin: 'bearer',
  answers: { 204: { description: 'It is there' } },
  summary: 'WHIP: nothing; the endpoint has no representation',
  tag,
});

export const patchWhip = endpoint({
  method: 'PATCH',
  path: '/whip/:session',
  who: 'everybody',
  anyOrigin: 'bearer',
  body: { type: 'application/trickle-ice-sdpfrag' },
  answers: { 204: { description: 'The candidates are taken' } },
  errors: ['not-found', 'precondition-required', 'precondition-failed', 'ice-restart-refused'],
  summary: 'WHIP: more candidates of the publisher',
  description:
    'If-Match is the ETag of the session; an ICE restart (`*`) is 422: the session goes on as it is.',
  tag,
});

export const endWhip = endpoint({
  method: 'DELETE',
  path: '/whip/:session',
  who: 'everybody',
  anyOrigin: 'bearer',
  answers: { 200: { description: 'It is over' } },
  errors: ['not-found'],
  summary: 'WHIP: ends the session',
  tag,
});

export const lookAtWhipSession = endpoint({
  method: 'GET',
  path: '/whip/:session',
  who: 'everybody',
  anyOrigin: 'bearer',
  answers: { 204: { description: 'It is there' } },
  errors: ['not-found'],
  summary: 'WHIP: nothing; the session has no representation',
  tag,
});
