import { OnairError } from '#core/domain/errors.ts';
import type { Settings } from '#core/domain/settings.ts';
import {
  deleteRecordedFile,
  deleteRecording,
  downloadRecording,
  getRecording,
  getRecordingThumbnail,
  listRecordings,
  startRecording,
  stopRecording,
} from '#core/protocol/endpoints/recordings.ts';
import { byteRangeOf } from '../http/byte-range.ts';
import { mayOperate, type RequestContext, type Route } from '../http/router.ts';
import { answer, type Served, serve, streamed } from '../http/serve.ts';
import { OrdinaryFiles } from './ordinary-file.ts';
import type { Recordings } from './recordings.ts';
import { sendPieces, sendSlice } from './send-slice.ts';
import type { Thumbnails } from './thumbnails.ts';

/** `/api/v1/recording` and `/api/v1/recordings` (design.md, "Shapes"). */
export function recordingRoutes(options: {
  recordings: Recordings;
  thumbnails: Thumbnails;
  settings: () => Settings;
}): Route[] {
  const { recordings, thumbnails, settings } = options;
  const ordinaryFiles = new OrdinaryFiles();
  const checkMay = (context: Pick<RequestContext, 'authority' | 'operatorId'>): void => {
    if (mayOperate(context) || settings().viewing.recordings) return;
    throw new OnairError('forbidden', 'Recordings are not for viewers here.', {
      action: 'The operator may let viewers see them: viewing.recordings.',
    });
  };
  const remove = async (id: string) => {
    await recordings.remove(id);
    return answer(204, null);
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
      await sendRecording(context, recordings, ordinaryFiles);
      return streamed;
    }),
    serve(getRecordingThumbnail, async (context) => {
      checkMay(context);
      const jpeg = await thumbnails.read(context.params.id, context.query);
      return answer(200, jpeg, { 'cache-control': 'private, max-age=86400' });
    }),
    serve(deleteRecordedFile, ({ params }) => remove(params.id)),
    serve(deleteRecording, ({ params }) => remove(params.id)),
  ];
}

async function sendRecording(
  { request, response, params: { id } }: Served<typeof downloadRecording>,
  recordings: Recordings,
  ordinaryFiles: OrdinaryFiles,
): Promise<void> {
  const { file, path, bytes, growing, changedAtMs } = await recordings.open(id);
  try {
    // One that grows is sent as it lies on the disk: an index would be another one at each request.
    const ordinary = growing ? null : await ordinaryFiles.of(file, { path, bytes, changedAtMs });
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
    if (ordinary) await sendPieces(response, ordinary.read(file, start, end));
    else await sendSlice(response, file, start, end);
  } finally {
    await file.close();
  }
}
