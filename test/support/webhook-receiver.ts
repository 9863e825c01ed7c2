import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

export interface ReceivedHook {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  body: { type: string; timestamp: string; data: Record<string, unknown> };
}

/** A program that is told of events. Under `/500` it always fails, under `/never` it never answers. */
export class WebhookReceiver {
  readonly origin: string;
  readonly received: ReceivedHook[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor(origin: string) {
    this.origin = origin;
  }

  static async start(
    t: Test,
    answer?: (path: string, response: ServerResponse) => void,
  ): Promise<WebhookReceiver> {
    const server = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8');
      request.on('data', (piece) => {
        text += piece;
      });
      request.on('end', () => {
        const path = request.url ?? '';
        receiver.received.push({ path, headers: request.headers, text, body: JSON.parse(text) });
        if (answer) answer(path, response);
        else if (path === '/500') response.writeHead(500).end();
        else if (path !== '/never') response.writeHead(204).end();
        for (const look of [...receiver.#waiting]) look();
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => {
      server.close();
      server.closeAllConnections();
    });
    const receiver = new WebhookReceiver(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return receiver;
  }

  /** The first that fits, now or when it comes. @throws Error where it isn't in time */
  async until(fits: (hook: ReceivedHook) => boolean, withinMs = 30_000): Promise<ReceivedHook> {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`not in time; received: ${JSON.stringify(this.received.map(({ body }) => body))}`));
      }, withinMs);
      const look = (): void => {
        const found = this.received.find(fits);
        if (!found) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** Whether a hook is signed by Standard Webhooks with this key. */
export function isSigned({ headers, text }: ReceivedHook, key: Buffer): boolean {
  const said = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
  const signature = createHmac('sha256', key).update(said).digest('base64');
  return headers['webhook-signature'] === `v1,${signature}`;
}
