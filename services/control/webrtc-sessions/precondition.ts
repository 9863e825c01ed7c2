import type { IncomingMessage } from 'node:http';
import { HttpProblem } from '../http/problem.ts';

/**
 * `If-Match` says for which ICE session a PATCH is meant (WHEP, "HTTP PATCH request usage"); `*` is any, as a restart
 * has it. The drafts' own example has that star in quotes.
 * @throws HttpProblem 428 without the header (RFC 6585, 3), 412 for another session (RFC 9110, 13.1.1)
 */
export function requireMatch(request: Pick<IncomingMessage, 'headers'>, etag: string): void {
  const wanted = request.headers['if-match'];
  if (wanted === undefined) {
    throw new HttpProblem({
      status: 428,
      code: 'precondition-required',
      title: 'A PATCH needs If-Match.',
      action: 'Send the ETag of the answer, or * to restart ICE.',
    });
  }
  if (wanted.split(',').some((one) => ['*', '"*"', etag].includes(one.trim()))) return;
  throw new HttpProblem({
    status: 412,
    code: 'precondition-failed',
    title: 'If-Match names another ICE session.',
  });
}
