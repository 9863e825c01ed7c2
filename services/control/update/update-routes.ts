import { getUpdate, installUpdate, rollBackUpdate, uploadUpdate } from '#core/protocol/endpoints/update.ts';
import { mediaTypeOf } from '../http/body.ts';
import type { Route } from '../http/router.ts';
import { answer, serve } from '../http/serve.ts';
import type { Updates } from './updates.ts';

/** `/api/v1/update` (design.md, "Shapes"). */
export function updateRoutes({ updates }: { updates: Updates }): Route[] {
  const install = serve(installUpdate, ({ body }) => answer(202, updates.install(body)));
  const upload = serve(uploadUpdate, async ({ request, query }) =>
    answer(202, await updates.upload(request, query)),
  );
  return [
    serve(getUpdate, () => updates.state),
    // By POST comes an address, or the bundle itself.
    {
      ...install,
      handle: (context) =>
        mediaTypeOf(context.request) === uploadUpdate.body.type
          ? upload.handle(context)
          : install.handle(context),
    },
    upload,
    serve(rollBackUpdate, ({ body }) => answer(202, updates.rollBack(body))),
  ];
}
