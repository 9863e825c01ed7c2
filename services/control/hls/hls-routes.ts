import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ViewerIdentity } from '../access/viewer-identity.ts';
import type { Audience } from '../domain/audience.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { RequestContext, Route } from '../http/router.ts';
import type { SequenceStore } from './media-sequence.ts';
import type { HlsOrigin } from './origin.ts';

/**
 * `/hls/…`: the origin's answers for who may watch and finds a place. While nothing is on air nobody takes one.
 */
export function hlsRoutes(options: {
  hls: HlsOrigin;
  identity: ViewerIdentity;
  audience: Audience;
  broadcast: Broadcast;
}): Route[] {
  const { hls, identity, audience, broadcast } = options;
  const handle = async ({ request, response, url }: RequestContext): Promise<void> => {
    const viewer = await identity.admit(request);
    if (broadcast.wanted) {
      audience.touchHls(viewer.id ?? identity.fallbackId(request), {
        address: request.socket.remoteAddress ?? '',
        pictures: !url.pathname.endsWith('.m3u8'),
      });
    }
    hls.handle(request, response, url.pathname, url.searchParams);
  };
  return [
    {
      method: 'GET',
      path: '/hls/*',
      anyOrigin: true,
      doc: {
        tag: 'watching',
        summary: 'LL-HLS: `live.m3u8` (multivariant), `media.m3u8`, and the segments and parts that it names',
        description:
          'Blocking reload by `_HLS_msn` and `_HLS_part`, delta updates by `_HLS_skip`. 503 with Retry-After where the house is full.',
        admits: 'viewer',
        answers: {
          200: { type: 'application/vnd.apple.mpegurl' },
          404: { description: 'Nothing on air, or no longer kept' },
        },
      },
      handle,
    },
    {
      method: 'OPTIONS',
      path: '/hls/*',
      anyOrigin: true,
      handle: ({ response }) => void response.writeHead(204).end(),
    },
  ];
}

/** Keeps the media sequence in a file, so that it never goes back while the box is up. */
export function sequenceFile(path: string): SequenceStore {
  return {
    load() {
      try {
        return JSON.parse(readFileSync(path, 'utf8'));
      } catch {
        return null; // the first start
      }
    },
    save(sequence) {
      writeFileSync(`${path}.tmp`, JSON.stringify(sequence));
      renameSync(`${path}.tmp`, path);
    },
  };
}
