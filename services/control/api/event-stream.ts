import type { ServerResponse } from 'node:http';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { StatusBody } from '#core/protocol/api.ts';
import type { Authority, RequestContext } from '../http/router.ts';

const maxClients = 200;
/** Several changes within this time are one event. */
const batchMs = 20;
/** Proxies and phones drop what is silent for longer. */
const keepAliveMs = 15_000;
/** A client this far behind misses events; each carries the whole status, so the newest makes it good. */
const behindBytes = 64 * 1024;

/** `GET /api/v1/events`: server-sent events named `status`, each with the whole status, at once and on each change. */
export class EventStream {
  readonly #status: (authority: Authority) => StatusBody;
  readonly #clock: Clock;
  readonly #clients = new Map<ServerResponse, Authority>();
  /** Who missed an event, and gets the newest as soon as they read again. */
  readonly #behind = new Set<ServerResponse>();
  #batched = false;
  #stopKeepAlive: () => void = () => {};

  /** @param options.status the link is told more than the network */
  constructor(options: { status: (authority: Authority) => StatusBody; clock: Clock }) {
    this.#status = options.status;
    this.#clock = options.clock;
  }

  start(): void {
    this.#stopKeepAlive = this.#clock.every(keepAliveMs, () => this.#write(() => ': still here\n\n'));
  }

  /** @throws OnairError `full` */
  handle({ request, response, authority }: RequestContext): void {
    if (this.#clients.size >= maxClients) {
      throw new OnairError('full', 'Too many listen to events already.', { retryAfterSeconds: 10 });
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    response.write(this.#encode(authority));
    this.#clients.set(response, authority);
    response.on('close', () => {
      this.#clients.delete(response);
      this.#behind.delete(response);
    });
  }

  /** Something that a status shows has changed. */
  announce(): void {
    if (this.#batched || this.#clients.size === 0) return;
    this.#batched = true;
    this.#clock.after(batchMs, () => {
      this.#batched = false;
      const texts = { link: this.#encode('link'), network: this.#encode('network') };
      this.#write((authority) => texts[authority]);
    });
  }

  close(): void {
    this.#stopKeepAlive();
    for (const response of this.#clients.keys()) response.destroy();
    this.#clients.clear();
  }

  #encode(authority: Authority): string {
    return `event: status\ndata: ${JSON.stringify(this.#status(authority))}\n\n`;
  }

  #write(textFor: (authority: Authority) => string): void {
    for (const [response, authority] of this.#clients) {
      if (response.writableLength < behindBytes) response.write(textFor(authority));
      else this.#awaitReader(response, authority);
    }
  }

  #awaitReader(response: ServerResponse, authority: Authority): void {
    if (this.#behind.has(response)) return;
    this.#behind.add(response);
    response.once('drain', () => {
      if (this.#behind.delete(response)) response.write(this.#encode(authority));
    });
  }
}
