import { constants, createWriteStream } from 'node:fs';
import { open, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { UpdateError, updateReasons } from './update-error.ts';

/** A server that sends nothing for so long is away. */
const silenceMs = 30_000;
const maxBytes = 2 * 1024 ** 3;
const keepFreeBytes = 64 * 1024 ** 2;

interface Progress {
  onProgress: (percent: number | null) => void;
  signal: AbortSignal;
}

/** Fetches a bundle into a file. @throws UpdateError */
export async function download(url: string, path: string, { onProgress, signal }: Progress): Promise<void> {
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
    const roomBytes = await roomFor(path, total);
    const body = Readable.fromWeb(response.body as ReadableStream);
    body.on('data', alive);
    await store(body, { total, roomBytes, path, onProgress });
  } catch (error) {
    const why = silent.signal.aborted ? 'nothing came for 30 s' : describe(error);
    throw new UpdateError(updateReasons.notDownloaded(why));
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Copies a bundle from a USB disk: a disk may be a stranger's, and give something else when it is read again, so that only what
 * lies on the card is verified and written. @throws UpdateError
 */
export async function copyFromDisk(
  from: string,
  path: string,
  { onProgress, signal }: Progress,
): Promise<void> {
  try {
    const file = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
    const found = await file.stat();
    if (!found.isFile()) throw new Error('it is no file');
    const roomBytes = await roomFor(path, found.size);
    await store(file.createReadStream({ signal }), { total: found.size, roomBytes, path, onProgress });
  } catch (error) {
    throw new UpdateError(updateReasons.notCopied(describe(error)));
  }
}

const full = 'the card has no room for it';

/** @throws Error where it can't be enough */
async function roomFor(path: string, total: number | null): Promise<number> {
  const { bavail, bsize } = await statfs(dirname(path));
  const roomBytes = Math.min(bavail * bsize - keepFreeBytes, maxBytes);
  if (total !== null && total > roomBytes) throw new Error(full);
  return roomBytes;
}

async function store(
  body: Readable,
  options: {
    total: number | null;
    roomBytes: number;
    path: string;
    onProgress: (percent: number | null) => void;
  },
): Promise<void> {
  const { total, roomBytes, path, onProgress } = options;
  let bytes = 0;
  body.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > roomBytes) body.destroy(new Error(full));
    onProgress(total === null ? null : Math.floor((bytes / total) * 100));
  });
  await pipeline(body, createWriteStream(path, { flags: 'wx', mode: 0o640, flush: true }));
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
