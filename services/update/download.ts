import { createWriteStream } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { UpdateError, updateReasons } from './update-error.ts';

/** A server that sends nothing for so long is away. */
const silenceMs = 30_000;
const maxBytes = 2 * 1024 ** 3;
const keepFreeBytes = 64 * 1024 ** 2;

/** Fetches a bundle into a file. @throws UpdateError */
export async function download(
  url: string,
  path: string,
  { onProgress, signal }: { onProgress: (percent: number | null) => void; signal: AbortSignal },
): Promise<void> {
  const silent = new AbortController();
  let timer = setTimeout(() => silent.abort(), silenceMs);
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silent.abort(), silenceMs);
  };
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, silent.signal]) });
    if (!response.ok || response.body === null) throw new Error(`the server answers with ${response.status}`);
    const total = Number(response.headers.get('content-length')) || null;
    const { bavail, bsize } = await statfs(dirname(path));
    const room = Math.min(bavail * bsize - keepFreeBytes, maxBytes);
    if (total !== null && total > room) throw new Error('the card has no room for it');
    let bytes = 0;
    const body = Readable.fromWeb(response.body as ReadableStream);
    body.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      alive();
      if (bytes > room) body.destroy(new Error('the card has no room for it'));
      onProgress(total === null ? null : Math.floor((bytes / total) * 100));
    });
    await pipeline(body, createWriteStream(path, { flags: 'wx', mode: 0o640, flush: true }));
  } catch (error) {
    const why = silent.signal.aborted ? 'nothing came for 30 s' : describe(error);
    throw new UpdateError(updateReasons.notDownloaded(why));
  } finally {
    clearTimeout(timer);
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
