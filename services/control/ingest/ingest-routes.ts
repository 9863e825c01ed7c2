import { getIngest } from '#core/protocol/endpoints/ingest.ts';
import type { Route } from '../http/router.ts';
import { serve } from '../http/serve.ts';
import type { Ingest } from './ingest.ts';

/** `/api/v1/ingest`: where others publish to. */
export function ingestRoutes({ ingest }: { ingest: Ingest }): Route[] {
  return [
    serve(getIngest, async () => {
      await ingest.settled();
      return ingest.addresses;
    }),
  ];
}
