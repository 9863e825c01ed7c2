import { listSources, takeSource } from '#core/protocol/endpoints/sources.ts';
import type { BroadcastSources } from '../broadcast/broadcast-sources.ts';
import type { Route } from '../http/router.ts';
import { serve } from '../http/serve.ts';

/** `/api/v1/sources`: what can be on the air, and putting it there. */
export function sourceRoutes({ sources }: { sources: BroadcastSources }): Route[] {
  return [serve(listSources, () => sources.list), serve(takeSource, ({ params }) => sources.take(params.id))];
}
