import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

/** One version of the playlist: rendered once, compressed at most once, however many ask for it. */
export class PlaylistVersion {
  readonly #plain: Buffer;
  #zipped: Buffer | null = null;

  constructor(text: string) {
    this.#plain = Buffer.from(text);
  }

  /** Sends it, compressed where the client takes that (rfc8216bis 6.2.1): a tenth of the size, at every part. */
  send(request: IncomingMessage, response: ServerResponse, cacheControl: string): void {
    const zip = takesGzip(request);
    const body = zip ? this.#gzip() : this.#plain;
    response.appendHeader('vary', 'Accept-Encoding');
    response.writeHead(200, {
      'content-type': 'application/vnd.apple.mpegurl',
      'content-length': body.length,
      'cache-control': cacheControl,
      ...(zip ? { 'content-encoding': 'gzip' } : {}),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  #gzip(): Buffer {
    this.#zipped ??= gzipSync(this.#plain);
    return this.#zipped;
  }
}

function takesGzip(request: IncomingMessage): boolean {
  const codings = String(request.headers['accept-encoding'] ?? '').split(',');
  return codings.some((coding) => /^\s*gzip\s*(;\s*q=(1|0\.\d*[1-9])[\d.]*\s*)?$/i.test(coding));
}
