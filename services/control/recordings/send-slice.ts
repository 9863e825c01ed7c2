import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const pieceBytes = 256 * 1024;

/** Ends an answer with pieces of a file. A client that leaves meanwhile ends it, which is not an error. */
export async function sendPieces(response: ServerResponse, pieces: AsyncIterable<Buffer>): Promise<void> {
  await pipeline(Readable.from(pieces, { objectMode: false }), response).catch(() => response.destroy());
}

/** Ends an answer with the bytes of a file from `start` to `end`, both included. */
export async function sendSlice(
  response: ServerResponse,
  file: FileHandle,
  start: number,
  end: number,
): Promise<void> {
  await sendPieces(response, slice(file, start, end));
}

async function* slice(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let position = start; position <= end; ) {
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, end + 1 - position));
    const { bytesRead } = await file.read(piece, 0, piece.length, position);
    if (bytesRead === 0) throw new Error('the recording has become shorter');
    yield piece.subarray(0, bytesRead);
    position += bytesRead;
  }
}
