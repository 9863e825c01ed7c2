import { getUpdate, installUpdate, rollBackUpdate, uploadUpdate } from '#core/protocol/endpoints/update.ts';
import type { Route } from '../http/router.ts';
import { answer, serve } from '../http/serve.ts';
import type { Updates } from './updates.ts';

/** `/api/v1/update` (design.md, "Shapes"). */
export function updateRoutes({ updates }: { updates: Updates }): Route[] {
  return [
    serve(getUpdate, () => updates.state),
    serve(installUpdate, ({ body }) => answer(202, updates.install(body))),
    serve(uploadUpdate, async ({ request, query }) => answer(202, await updates.upload(request, query))),
    serve(rollBackUpdate, ({ body }) => answer(202, updates.rollBack(body))),
  ];
}
