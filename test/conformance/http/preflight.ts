import type { Context } from '../context.ts';
import type { HttpAnswer } from '../http-client.ts';

/**
 * What a browser asks before a page may POST (Fetch, 3.2.2).
 * @param origin of that page; by default the server's own, which is nobody's to refuse
 */
export async function preflight(context: Context, origin = new URL(context.url).origin): Promise<HttpAnswer> {
  return await context.http.sendAnonymously('OPTIONS', context.url, {
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });
}
