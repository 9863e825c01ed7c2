import {
  getSourceLevel,
  getSourceSnapshot,
  listSources,
  releaseSource,
  takeSource,
} from '#core/protocol/endpoints/sources.ts';
import type { BroadcastSources } from '../broadcast/broadcast-sources.ts';
import type { SourcePreviews } from '../broadcast/source-previews.ts';
import type { Route } from '../http/router.ts';
import { answer, serve } from '../http/serve.ts';

/** `/api/v1/sources`: what can be on the air, a look at it, and putting it there. */
export function sourceRoutes(options: { sources: BroadcastSources; previews: SourcePreviews }): Route[] {
  const { sources, previews } = options;
  return [
    serve(listSources, () => sources.list),
    serve(takeSource, ({ params }) => sources.take(params.id)),
    serve(releaseSource, ({ params }) => sources.release(params.id)),
    serve(getSourceSnapshot, async ({ params, query }) =>
      answer(200, await previews.still(params.id, query.width), { 'cache-control': 'no-store' }),
    ),
    serve(getSourceLevel, ({ params }) => previews.level(params.id)),
  ];
}
