import { z } from 'zod';
import { endpoint } from '../endpoint.ts';

const tag = 'watching';

/** `POST /api/v1/streams/{id}/tokens` */
export const tokenRequest = z.strictObject({ pin: z.string().max(64).optional() });

export const tokenBody = z.object({ token: z.string(), expiresAt: z.string(), viewerId: z.string() });

export const issueToken = endpoint({
  method: 'POST',
  path: '/api/v1/streams/:id/tokens',
  who: 'everybody',
  body: tokenRequest,
  answers: { 201: tokenBody },
  errors: ['not-found', 'unauthorized', 'rate-limited'],
  summary: 'A viewer token (JWT): opens Nova, /ws/viewer and WHEP',
  description:
    '`pin` is asked for where watching takes one. Without a cookie of the box it makes a new viewer.',
  tag,
});

/** `POST /api/v1/delay`: from the camera to this viewer's screen. */
export const delayReport = z.strictObject({ delayMs: z.number().min(0).max(600_000) });

export const reportDelay = endpoint({
  method: 'POST',
  path: '/api/v1/delay',
  who: 'viewer',
  body: delayReport,
  answers: { 204: { description: 'It is noted' } },
  summary: 'A viewer tells how far behind live it shows pictures; the history shows the worst',
  tag,
});

export const offerWhep = endpoint({
  method: 'POST',
  path: '/whep',
  who: 'viewer',
  anyOrigin: true,
  parameters: z.object({ preview: z.string().optional() }), // a query that some proxies need is nobody's mistake
  body: { type: 'application/sdp' },
  answers: { 201: { type: 'application/sdp' } },
  errors: ['conflict', 'full', 'unavailable'],
  summary: 'WHEP: an SDP offer for its answer; Location is the session',
  description:
    'The answer has all candidates of the box. 409 with Retry-After while nothing is on air, 503 with Retry-After ' +
    'where the house is full (`full`), or WebRTC serves nobody more (`unavailable`; `action` says what to do). ' +
    'With `preview` an operator takes no place, and is not counted.',
  tag,
});

export const lookAtWhep = endpoint({
  method: 'GET',
  path: '/whep',
  who: 'everybody',
  anyOrigin: true,
  answers: { 200: { type: 'application/sdp', description: 'Empty' } },
  summary: 'WHEP: nothing; the Content-Type tells players what this address is',
  tag,
});

export const patchWhep = endpoint({
  method: 'PATCH',
  path: '/whep/:session',
  who: 'everybody',
  anyOrigin: true,
  body: { type: 'application/trickle-ice-sdpfrag' },
  answers: {
    200: { type: 'application/trickle-ice-sdpfrag' },
    204: { description: 'The candidates are taken' },
  },
  errors: ['not-found', 'precondition-required', 'precondition-failed', 'ice-restart-refused'],
  summary: 'WHEP: more candidates of the viewer, or an ICE restart',
  description:
    'If-Match is the ETag of the ICE session, or * for a restart; without it 428, with another one 412. 422 where ' +
    'the engine cannot restart ICE: the session goes on, and a new one can be opened.',
  tag,
});

export const endWhep = endpoint({
  method: 'DELETE',
  path: '/whep/:session',
  who: 'everybody',
  anyOrigin: true,
  answers: { 200: { description: 'It is over' } },
  errors: ['not-found'],
  summary: 'WHEP: ends the session',
  tag,
});

export const lookAtWhepSession = endpoint({
  method: 'GET',
  path: '/whep/:session',
  who: 'everybody',
  anyOrigin: true,
  answers: { 204: { description: 'It is there' } },
  errors: ['not-found'],
  summary: 'WHEP: nothing; the session has no representation',
  tag,
});

export const getHls = endpoint({
  method: 'GET',
  path: '/hls/*',
  who: 'viewer',
  anyOrigin: true,
  answers: {
    200: { type: 'application/vnd.apple.mpegurl' },
    404: { description: 'Nothing on air, or no longer kept' },
  },
  errors: ['full', 'unavailable'],
  summary: 'LL-HLS: `live.m3u8` (multivariant), `media.m3u8`, and the segments and parts that it names',
  description:
    'Blocking reload by `_HLS_msn` and `_HLS_part`, delta updates by `_HLS_skip`. 503 with Retry-After where the house is full. ' +
    '`replay.m3u8` is the running broadcast as far back as its recording reaches, while it is recorded and `viewing.replay` is on. ' +
    'Under `/hls/preview/` an operator takes no place, and is not counted.',
  tag,
});
