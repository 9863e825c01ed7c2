import { createHash } from 'node:crypto';
import type { Route } from '../http/router.ts';
import type { Dialect } from '../sockets/dialect.ts';

/**
 * `GET /api/openapi.json` and `/api/asyncapi.json`: what docs/ has too. Made when the first asks, so that a box
 * nobody asks holds none of it.
 */
export function documentRoutes(options: {
  /** All that are served, these two among them. */
  routes: () => readonly Route[];
  // biome-ignore lint/suspicious/noExplicitAny: dialects of any message; only their tables are read
  dialects: readonly Dialect<any, any>[];
}): Route[] {
  const { routes, dialects } = options;
  return [
    documentRoute('/api/openapi.json', 'The HTTP API as an OpenAPI 3.1 document', async () => {
      const { documentedEndpoints, openApiOf } = await import('./openapi.ts');
      return openApiOf(documentedEndpoints(routes()));
    }),
    documentRoute('/api/asyncapi.json', 'The web sockets as an AsyncAPI 3 document', async () =>
      (await import('./asyncapi.ts')).asyncApiOf(dialects),
    ),
  ];
}

function documentRoute(path: string, summary: string, make: () => Promise<unknown>): Route {
  let made: Promise<{ body: Buffer; etag: string }> | null = null;
  return {
    method: 'GET',
    path,
    doc: {
      tag: 'documents',
      summary,
      answers: { 200: { type: 'application/json' }, 304: { description: 'As by If-None-Match' } },
    },
    handle: async ({ request, response }) => {
      made ??= make().then((document) => {
        const body = Buffer.from(JSON.stringify(document));
        const digest = createHash('sha256').update(body).digest('base64url');
        return { body, etag: `"${digest.slice(0, 22)}"` };
      });
      const { body, etag } = await made;
      const known = (request.headers['if-none-match'] ?? '').split(',').map((each) => each.trim());
      if (known.some((each) => each.replace(/^W\//, '') === etag || each === '*')) {
        response.writeHead(304, { etag, 'cache-control': 'no-cache' }).end();
        return;
      }
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': body.length,
        'cache-control': 'no-cache',
        etag,
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    },
  };
}
