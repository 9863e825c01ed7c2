import { OnairError } from '#core/domain/errors.ts';
import { HttpProblem } from '../http/problem.ts';

/** Why a player gets nothing: hls.js tries again after a 503 and gives up after a 404. */

export function offAir(): OnairError {
  return new OnairError('not-found', 'There is no broadcast now.', { subject: 'stream' });
}

export function gone(): OnairError {
  return new OnairError('not-found', 'This piece of the stream is gone, or never was.', { subject: 'media' });
}

export function restarting(): OnairError {
  return new OnairError('unavailable', 'The box is just starting again.', { retryAfterSeconds: 1 });
}

export function stalled(): OnairError {
  return new OnairError('unavailable', 'No new pictures have come for a while.', { retryAfterSeconds: 1 });
}

export function tooManyWaiting(): OnairError {
  return new OnairError('unavailable', 'Too many players are waiting already.', { retryAfterSeconds: 1 });
}

export function methodNotAllowed(method: string): HttpProblem {
  return new HttpProblem({
    status: 405,
    code: 'method-not-allowed',
    title: `${method} does not work here.`,
    headers: { allow: 'GET, HEAD' },
  });
}
