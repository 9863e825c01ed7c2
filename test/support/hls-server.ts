import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HlsOrigin } from '#control/hls/origin.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  text: string;
}

export interface Pending {
  answer: Promise<Answer>;
  /** The origin has seen it, and answered or kept it. */
  handled: Promise<void>;
  abort: () => void;
}

/** A real server around an origin, as control is one. */
export class HlsServer {
  readonly #server: Server;
  readonly #handled: (() => void)[] = [];
  /** Instead of the origin, for paths that are not its own. */
  readonly pages = new Map<string, { type: string; body: string | Buffer }>();
  readonly seen: string[] = [];
  origin: HlsOrigin;

  constructor(origin: HlsOrigin) {
    this.origin = origin;
    this.#server = createServer((incoming, response) => {
      const url = new URL(incoming.url ?? '/', 'http://localhost');
      const page = this.pages.get(url.pathname);
      this.seen.push(incoming.url ?? '');
      if (page) response.writeHead(200, { 'content-type': page.type }).end(page.body);
      else this.origin.handle(incoming, response, url.pathname, url.searchParams);
      this.#handled.shift()?.();
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Sends a request; one at a time until `handled`. */
  ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Pending {
    const handled = new Promise<void>((resolve) => this.#handled.push(resolve));
    const outgoing = request(`${this.url}/hls/${path}`, { agent: false, ...options });
    const answer = new Promise<Answer>((resolve, reject) => {
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const body = Buffer.concat(chunks);
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body,
            text: body.toString(),
          });
        });
      });
    });
    answer.catch(() => {}); // an aborted one is nobody's
    outgoing.end();
    return { answer, handled, abort: () => outgoing.destroy() };
  }

  get(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
    return this.ask(path, options).answer;
  }
}
