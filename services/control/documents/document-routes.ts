import { createHash } from 'node:crypto';
import { getAsyncApi, getOpenApi } from '#core/protocol/endpoints/documents.ts';
import type { Route } from '../http/router.ts';
import { answer, serve } from '../http/serve.ts';

/**
 * `GET /api/openapi.json` and `/api/asyncapi.json`: what docs/ has too. Made when the first asks, so that a box
 * nobody asks holds none of it.
 */
export function documentRoutes(): Route[] {
  return [
    documentRoute(getOpenApi, async () => {
      const [{ openApiOf }, { endpoints }] = await Promise.all([
        import('./openapi.ts'),
        import('#core/protocol/endpoints/table.ts'),
      ]);
      return openApiOf(endpoints);
    }),
    documentRoute(getAsyncApi, async () => {
      const [{ asyncApiOf }, { channels }] = await Promise.all([
        import('./asyncapi.ts'),
        import('#core/protocol/channels/table.ts'),
      ]);
      return asyncApiOf(channels);
    }),
  ];
}

function documentRoute(
  endpoint: typeof getOpenApi | typeof getAsyncApi,
  make: () => Promise<unknown>,
): Route {
  let made: Promise<{ body: Buffer; etag: string }> | null = null;
  return serve(endpoint, async ({ request }) => {
    made ??= make().then((document) => {
      const body = Buffer.from(JSON.stringify(document));
      const digest = createHash('sha256').update(body).digest('base64url');
      return { body, etag: `"${digest.slice(0, 22)}"` };
    });
    const { body, etag } = await made;
    const headers = { etag, 'cache-control': 'no-cache' };
    const known = (request.headers['if-none-match'] ?? '').split(',').map((each) => each.trim());
    const isKnown = known.some((each) => each.replace(/^W\//, '') === etag || each === '*');
    return isKnown ? answer(304, null, headers) : answer(200, body, headers);
  });
}
