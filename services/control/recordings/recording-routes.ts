import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { OnairError } from '#core/domain/errors.ts';
import type { Settings } from '#core/domain/settings.ts';
import {
  deleteRecording,
  downloadRecording,
  getRecording,
  listRecordings,
  startRecording,
  stopRecording,
} from '#core/protocol/endpoints/recordings.ts';
import { byteRangeOf } from '../http/byte-range.ts';
import { mayOperate, type RequestContext, type Route } from '../http/router.ts';
import { answer, serve, streamed } from '../http/serve.ts';
import { OrdinaryFile } from './ordinary-file.ts';
import type { Recordings } from './recordings.ts';

/** `/api/v1/recording` and `/api/v1/recordings` (design.md, "Shapes"). */
export function recordingRoutes(options: { recordings: Recordings; settings: () => Settings }): Route[] {
  const { recordings, settings } = options;
  const checkMay = (context: Pick<RequestContext, 'authority' | 'operatorId'>): void => {
    if (mayOperate(context) || settings().viewing.recordings) return;
    throw new OnairError('forbidden', 'Recordings are not for viewers here.', {
      action: 'The operator may let viewers see them: viewing.recordings.',
    });
  };
  return [
    serve(getRecording, () => recordings.state),
    serve(startRecording, () => recordings.startByHand()),
    serve(stopRecording, () => recordings.stop()),
    serve(listRecordings, async (context) => {
      checkMay(context);
      return await recordings.list();
    }),
    serve(downloadRecording, async (context) => {
      checkMay(context);
      await sendRecording(context.request, context.response, recordings, context.params.id);
      return streamed;
    }),
    serve(deleteRecording, async ({ params }) => {
      await recordings.remove(params.id);
      return answer(204, null);
    }),
  ];
}

async function sendRecording(
  request: IncomingMessage,
  response: ServerResponse,
  recordings: Recordings,
  id: string,
): Promise<void> {
  const { file, bytes, growing, changedAtMs } = await recordings.open(id);
  try {
    // One that grows is sent as it lies on the disk: an index would be another one at each request.
    const ordinary = growing ? null : await OrdinaryFile.of(file);
    const size = ordinary?.size ?? bytes;
    const etag = `"${size.toString(36)}-${Math.floor(changedAtMs).toString(36)}${growing ? 'g' : ''}"`;
    const range = byteRangeOf(request, size, etag);
    if (range === 'unsatisfiable') {
      response.writeHead(416, { 'content-range': `bytes */${size}`, 'content-length': 0 }).end();
      return;
    }
    const { start, end } = range ?? { start: 0, end: size - 1 };
    response.writeHead(range ? 206 : 200, {
      'content-type': 'video/mp4',
      'content-length': end - start + 1,
      'content-disposition': `inline; filename*=UTF-8''${encodeURIComponent(id)}.mp4`,
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      etag,
      ...(range ? { 'content-range': `bytes ${start}-${end}/${size}` } : {}),
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const pieces = ordinary ? ordinary.read(file, start, end) : readPlain(file, start, end);
    // Who goes away while it is sent ends it, and that is no fault.
    await pipeline(Readable.from(pieces, { objectMode: false }), response).catch(() => response.destroy());
  } finally {
    await file.close();
  }
}

const pieceBytes = 256 * 1024;

async function* readPlain(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let position = start; position <= end; ) {
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, end + 1 - position));
    const { bytesRead } = await file.read(piece, 0, piece.length, position);
    if (bytesRead === 0) throw new Error('the recording has become shorter');
    yield piece.subarray(0, bytesRead);
    position += bytesRead;
  }
}
