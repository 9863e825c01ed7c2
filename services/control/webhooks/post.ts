import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';

/** What came of one attempt: a status, or why there was none. */
export type Posted = { status: number; retryAfterSeconds: number | null } | { status: null; failure: string };

/**
 * Posts JSON, and reads no more of the answer than its status: what a host in the house says to it is shown to nobody.
 * Redirects are not followed. Never rejects.
 */
export async function post(
  url: string,
  options: { headers: Record<string, string>; body: string; timeoutMs: number; signal: AbortSignal },
): Promise<Posted> {
  const { headers, body, timeoutMs, signal } = options;
  return await new Promise((resolve) => {
    const fail = (failure: string): void => resolve({ status: null, failure });
    const request = url.startsWith('https:') ? requestTls : requestPlain;
    try {
      const outgoing = request(url, {
        method: 'POST',
        headers: {
          ...headers,
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(body)),
        },
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        agent: false,
      });
      outgoing.on('response', (response) => {
        const seconds = Number(response.headers['retry-after']);
        resolve({
          status: response.statusCode ?? 0,
          retryAfterSeconds: Number.isFinite(seconds) && seconds > 0 ? seconds : null,
        });
        response.destroy();
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) =>
        fail(
          error.name === 'AbortError' || error.name === 'TimeoutError' ? 'it did not answer' : said(error),
        ),
      );
      outgoing.end(body);
    } catch (error) {
      fail(said(error));
    }
  });
}

function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return error.message || (code ?? error.name);
}
