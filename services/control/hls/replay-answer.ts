import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Replay } from '../recordings/replay.ts';
import { sendSlice } from '../recordings/send-slice.ts';
import { gone, methodNotAllowed } from './refusals.ts';

const playlistName = 'replay.m3u8';
const slicePattern = /^replay\/([^/]{1,600})\/(\d{1,15})-(\d{1,15})\.mp4$/;
const zip = promisify(gzip);

/** Whether a name under `/hls/` is the replay's. */
export const isReplay = (name: string): boolean => name === playlistName || name.startsWith('replay/');

/** Answers the replay's playlist and slices of the recorded files. @throws OnairError `not-found` */
export async function answerReplay(
  request: IncomingMessage,
  response: ServerResponse,
  { name, replay }: { name: string; replay: Pick<Replay, 'playlist' | 'open'> },
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed(request.method ?? '');
  if (name === playlistName) {
    const text = replay.playlist();
    const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    const body = takesGzip ? await zip(text) : Buffer.from(text);
    response.appendHeader('vary', 'Accept-Encoding');
    response.writeHead(200, {
      'content-type': 'application/vnd.apple.mpegurl',
      'content-length': body.length,
      'cache-control': 'no-cache',
      ...(takesGzip ? { 'content-encoding': 'gzip' } : {}),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
    return;
  }
  const [, encoded = '', from = '', to = ''] = slicePattern.exec(name) ?? [];
  const id = decoded(encoded);
  const [start, end] = [Number(from), Number(to)];
  if (id === null || id === '' || end <= start) throw gone();
  const file = await replay.open(id, start, end);
  try {
    response.writeHead(200, {
      'content-type': 'video/mp4',
      'content-length': end - start,
      'cache-control': 'private, max-age=3600',
    });
    if (request.method === 'HEAD') response.end();
    else await sendSlice(response, file, start, end - 1);
  } finally {
    await file.close();
  }
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
