import { request } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { ApiClient } from '#core/protocol/client.ts';
import { followStatus, type LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import { linkTransport } from '#core/runtime/link-transport.ts';

/** Between two tries where control is away: a socket that is not there yet tells nobody that it comes. */
const againMs = 30;

/** The API over the link of a box that runs, may be starting, or may go away meanwhile. */
export class BoxLink {
  readonly socketPath: string;

  constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  /** One call; rejects on 4xx and 5xx with the problem. */
  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return await new Promise((resolve, reject) => {
      const outgoing = request(
        {
          socketPath: this.socketPath,
          method,
          path,
          ...(text ? { headers: { 'content-type': 'application/json' } } : {}),
        },
        (response) => {
          let received = '';
          response.setEncoding('utf8');
          response.on('data', (chunk) => {
            received += chunk;
          });
          response.on('error', reject);
          response.on('end', () => {
            if ((response.statusCode ?? 500) < 300) resolve(received === '' ? null : JSON.parse(received));
            else reject(new Error(`${method} ${path}: ${response.statusCode} ${received}`));
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(text);
    });
  }

  /** Resolves with the first status (now, or at a change) that satisfies; control may be away meanwhile. */
  async until(satisfied: (status: LinkStatusBody) => boolean, timeoutMs = 10_000): Promise<LinkStatusBody> {
    const deadlineMs = Date.now() + timeoutMs;
    let latest: LinkStatusBody | null = null;
    while (Date.now() < deadlineMs) {
      const found = await this.#follow((status) => {
        latest = status;
        return satisfied(status);
      }, deadlineMs - Date.now());
      if (found) return found;
      await setTimeout(againMs);
    }
    throw new Error(`not reached within ${timeoutMs} ms; latest status: ${JSON.stringify(latest)}`);
  }

  /** Null where control is or goes away, or time is up. */
  async #follow(
    satisfied: (status: LinkStatusBody) => boolean,
    timeoutMs: number,
  ): Promise<LinkStatusBody | null> {
    const api = new ApiClient<'operator'>(linkTransport(this.socketPath));
    const done = new AbortController();
    const signal = AbortSignal.any([done.signal, AbortSignal.timeout(timeoutMs)]);
    const found = await new Promise<LinkStatusBody | null>((resolve) => {
      const hear = (status: LinkStatusBody): void => {
        if (satisfied(status)) resolve(status);
      };
      const miss = (): void => resolve(null);
      api.follow(followStatus, hear, miss, { signal }).catch(miss);
    });
    done.abort();
    return found;
  }
}
