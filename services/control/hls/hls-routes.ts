import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { pathFor } from '#core/protocol/endpoint.ts';
import { getHls } from '#core/protocol/endpoints/watching.ts';
import type { ViewerIdentity } from '../access/viewer-identity.ts';
import type { Audience } from '../domain/audience.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { Route } from '../http/router.ts';
import { serve, streamed } from '../http/serve.ts';
import type { Replay } from '../recordings/replay.ts';
import type { SequenceStore } from './media-sequence.ts';
import type { HlsOrigin } from './origin.ts';
import { answerReplay, isReplay } from './replay-answer.ts';

/** Where operators see what viewers see, without being one of them; names in playlists are relative, and lead back here. */
const basePath = pathFor(getHls, { file: '' });
const previewPath = pathFor(getHls, { file: 'preview/' });

/**
 * `/hls/…`: the origin's answers for who may watch and finds a place. While nothing is on air nobody takes one.
 */
export function hlsRoutes(options: {
  hls: HlsOrigin;
  identity: ViewerIdentity;
  audience: Audience;
  broadcast: Broadcast;
  replay: Pick<Replay, 'playlist' | 'open'>;
}): Route[] {
  const { hls, identity, audience, broadcast, replay } = options;
  return [
    serve(getHls, async ({ request, response, url, viewer }) => {
      const { pathname: asked } = url;
      const pathname = asked.startsWith(previewPath)
        ? `${basePath}${asked.slice(previewPath.length)}`
        : asked;
      const isPreview = pathname !== asked && viewer?.operator === true;
      if (broadcast.wanted && !isPreview) {
        audience.touchHls(viewer?.id ?? identity.fallbackId(request), {
          address: request.socket.remoteAddress ?? '',
          pictures: !pathname.endsWith('.m3u8'),
        });
      }
      const name = pathname.slice(basePath.length);
      if (isReplay(name)) await answerReplay(request, response, { name, replay });
      else hls.handle(request, response, pathname, url.searchParams);
      return streamed;
    }),
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
