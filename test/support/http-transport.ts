import { request } from 'node:http';
import type { Transport } from '#core/protocol/client.ts';

/**
 * The typed client's requests over HTTP, as the network sends them.
 * @param origin "http://127.0.0.1:8080"
 * @param extra headers of every request: a cookie, a token
 */
export function httpTransport(origin: string, extra: Readonly<Record<string, string>> = {}): Transport {
  return ({ method, path, headers, body, signal, timeoutMs }) =>
    new Promise((resolve, reject) => {
      const outgoing = request(`${origin}${path}`, {
        method,
        headers: { ...headers, ...extra },
        agent: false,
        timeout: timeoutMs ?? 0,
        ...(signal ? { signal } : {}),
      });
      outgoing.on('response', (response) => {
        response.setEncoding('utf8');
        resolve({
          status: response.statusCode ?? 0,
          header: (name) => {
            const value = response.headers[name.toLowerCase()];
            return value === undefined ? null : String(value);
          },
          text: async () => (await response.toArray()).join(''),
          pieces: () => response,
        });
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${path}: no answer`)));
      outgoing.on('error', reject);
      outgoing.end(body);
    });
}
