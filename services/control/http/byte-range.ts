import type { IncomingMessage } from 'node:http';

export interface ByteRange {
  start: number;
  /** Inclusive. */
  end: number;
}

/**
 * The one range that a request asks for (RFC 9110, 14.2); null where all is to be sent: none, several, another unit, or an If-Range
 * that is for something else.
 * @param etag of what is there now; without one, If-Range always fails
 */
export function byteRangeOf(
  request: IncomingMessage,
  byteLength: number,
  etag: string | null = null,
): ByteRange | 'unsatisfiable' | null {
  const condition = request.headers['if-range'];
  if (condition !== undefined && condition !== etag) return null;
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(request.headers.range ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const [, first = '', last = ''] = match;
  const start = first === '' ? Math.max(0, byteLength - Number(last)) : Number(first);
  const end = first === '' || last === '' ? byteLength - 1 : Math.min(Number(last), byteLength - 1);
  if (first !== '' && last !== '' && Number(last) < start) return null;
  return start >= byteLength || start > end ? 'unsatisfiable' : { start, end };
}
