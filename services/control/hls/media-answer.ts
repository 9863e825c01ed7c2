import type { IncomingMessage, ServerResponse } from 'node:http';
import { byteRangeOf } from '../http/byte-range.ts';
import { sendProblem } from '../http/problem.ts';
import type { MediaResource } from './media-store.ts';

/**
 * Sends a part, a segment or an init section; a single byte range on request (RFC 9110 14.2).
 * @param options.maxAgeSeconds how long it may be cached: it never changes, nor is its name given again
 */
export function sendMedia(
  request: IncomingMessage,
  response: ServerResponse,
  resource: MediaResource,
  options: { cacheScope: string; maxAgeSeconds: number },
): void {
  const { chunks, byteLength } = resource;
  const range = byteRangeOf(request, byteLength);
  if (range === 'unsatisfiable') {
    sendProblem(response, {
      status: 416,
      code: 'invalid-message',
      title: `${resource.name} has ${byteLength} bytes, none of them in that range.`,
      headers: { 'content-range': `bytes */${byteLength}` },
    });
    return;
  }
  const { start, end } = range ?? { start: 0, end: byteLength - 1 };
  response.writeHead(range ? 206 : 200, {
    'content-type': 'video/mp4',
    'content-length': end - start + 1,
    'accept-ranges': 'bytes',
    'cache-control': `${options.cacheScope}, max-age=${options.maxAgeSeconds}, immutable`,
    ...(range ? { 'content-range': `bytes ${start}-${end}/${byteLength}` } : {}),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  resource.readers.add(response);
  response.once('close', () => resource.readers.delete(response));
  response.cork();
  let offset = 0;
  for (const chunk of chunks) {
    const from = Math.max(0, start - offset);
    const to = Math.min(chunk.length, end + 1 - offset);
    if (from < to) response.write(chunk.subarray(from, to));
    offset += chunk.length;
  }
  response.end();
}
