import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { OnairError } from '#core/domain/errors.ts';
import { explain } from '#core/domain/explain.ts';
import { HttpProblem } from './problem.ts';

/** No request of ours needs more; an offer is about 6 kB. */
const maxBodyBytes = 64 * 1024;

/** "application/json"; empty where a request says nothing of its body. */
export function mediaTypeOf(request: IncomingMessage): string {
  return request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
}

/** @throws HttpProblem 415 unless the request's media type is one of `types` */
export function requireMediaType(request: IncomingMessage, ...types: string[]): void {
  const type = mediaTypeOf(request);
  if (types.includes(type)) return;
  throw new HttpProblem({
    status: 415,
    code: 'unsupported-media-type',
    title: `The body must be ${types.join(' or ')}, not ${type === '' ? 'without a Content-Type' : type}.`,
  });
}

/**
 * The whole body as text.
 * @throws HttpProblem 413 past 64 KiB, OnairError `unavailable` where the client went away
 */
export async function readText(request: IncomingMessage): Promise<string> {
  return (await readBytes(request, maxBodyBytes)).toString('utf8');
}

/** @throws HttpProblem 413 past `maxBytes`, OnairError `unavailable` where the client went away */
export function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
      reject(tooLarge(maxBytes));
      return;
    }
    // Not `for await`: leaving its loop would cut the connection, and the client would never read why.
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      request.off('data', take);
      reject(tooLarge(maxBytes));
    };
    request.on('data', take);
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', () => reject(new OnairError('unavailable', 'The client went away.')));
  });
}

function tooLarge(maxBytes: number): HttpProblem {
  return new HttpProblem({
    status: 413,
    code: 'too-large',
    title: `The body is larger than ${maxBytes} bytes.`,
  });
}

/**
 * A JSON body that fits `schema`; an empty body counts as `{}`.
 * @throws OnairError `invalid-message`, HttpProblem 413, 415
 */
export async function readJson<Body>(request: IncomingMessage, schema: z.ZodType<Body>): Promise<Body> {
  const text = await readText(request);
  if (text !== '') requireMediaType(request, 'application/json', 'application/merge-patch+json');
  let json: unknown;
  try {
    json = text === '' ? {} : JSON.parse(text);
  } catch {
    throw new OnairError('invalid-message', 'The body is not JSON.');
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new OnairError('invalid-message', explain(parsed.error));
  return parsed.data;
}

/** Answers with JSON. */
export function sendJson(
  response: import('node:http').ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string | string[]>> = {},
): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
