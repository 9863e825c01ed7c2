import type { ServerResponse } from 'node:http';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { StatusBody } from '#core/protocol/endpoints/box.ts';
import type { Grant, HoldGrant } from '../domain/grant.ts';
import { mayOperate, type RequestContext } from '../http/router.ts';

const maxClients = 200;
/** How much more than a newcomer's an address must hold to lose one: with less, the two would take turns. */
const unfairBy = 2;
/** Several changes within this time are one event. */
const batchMs = 20;
/** Proxies and phones drop what is silent for longer. */
const keepAliveMs = 15_000;
/** A client this far behind misses events; each carries the whole status, so the newest makes it good. */
const behindBytes = 64 * 1024;

interface Client {
  operator: boolean;
  address: string;
}

/** `GET /api/v1/events`: server-sent events named `status`, each with the whole status, at once and on each change. */
export class EventStream {
  readonly #status: (forOperator: boolean) => StatusBody;
  readonly #clock: Clock;
  readonly #hold: HoldGrant;
  /** In the order in which they came. */
  readonly #clients = new Map<ServerResponse, Client>();
  /** Who missed an event, and gets the newest as soon as they read again. */
  readonly #behind = new Set<ServerResponse>();
  #batched = false;
  #stopKeepAlive: () => void = () => {};

  /**
   * @param options.status operators are told more than viewers
   * @param options.hold ends what listens when its right has ended
   */
  constructor(options: {
    status: (forOperator: boolean) => StatusBody;
    clock: Clock;
    hold?: HoldGrant;
  }) {
    this.#status = options.status;
    this.#clock = options.clock;
    this.#hold = options.hold ?? (() => () => {});
  }

  start(): void {
    this.#stopKeepAlive = this.#clock.every(keepAliveMs, () => this.#write(() => ': still here\n\n'));
  }

  /**
   * @param grant by what right; null over the link, which always may
   * @throws OnairError `full`
   */
  handle(context: RequestContext, grant: Grant | null = null): void {
    const { request, response } = context;
    const operator = mayOperate(context);
    const client: Client = { operator, address: request.socket.remoteAddress ?? '' };
    if (this.#clients.size >= maxClients) this.#makeRoom(client);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    response.write(this.#encode(operator));
    this.#clients.set(response, client);
    const release = grant === null ? () => {} : this.#hold(grant, () => response.destroy());
    response.on('close', () => {
      release();
      this.#clients.delete(response);
      this.#behind.delete(response);
    });
  }

  /**
   * Ends the newest of the address that holds most; addresses count only where all places are taken, since behind a proxy
   * all have one. Operators are never ended, and always get in where somebody else can be.
   * @throws OnairError `full`
   */
  #makeRoom(newcomer: Client): void {
    const held = new Map<string, { count: number; newest: ServerResponse | null }>();
    for (const [response, { address, operator }] of this.#clients) {
      const { count = 0, newest = null } = held.get(address) ?? {};
      held.set(address, { count: count + 1, newest: operator ? newest : response });
    }
    const own = held.get(newcomer.address)?.count ?? 0;
    const [most] = [...held.values()]
      .filter(({ count, newest }) => newest !== null && (newcomer.operator || count >= own + unfairBy))
      .sort((one, other) => other.count - one.count);
    if (!most?.newest)
      throw new OnairError('full', 'Too many listen to events already.', { retryAfterSeconds: 10 });
    this.#clients.delete(most.newest);
    most.newest.destroy();
  }

  /** Something that a status shows has changed. */
  announce(): void {
    if (this.#batched || this.#clients.size === 0) return;
    this.#batched = true;
    this.#clock.after(batchMs, () => {
      this.#batched = false;
      const texts = { operator: this.#encode(true), viewer: this.#encode(false) };
      this.#write((operator) => (operator ? texts.operator : texts.viewer));
    });
  }

  close(): void {
    this.#stopKeepAlive();
    for (const response of this.#clients.keys()) response.destroy();
    this.#clients.clear();
  }

  #encode(operator: boolean): string {
    return `event: status\ndata: ${JSON.stringify(this.#status(operator))}\n\n`;
  }

  #write(textFor: (operator: boolean) => string): void {
    for (const [response, { operator }] of this.#clients) {
      if (response.writableLength < behindBytes) response.write(textFor(operator));
      else this.#awaitReader(response, operator);
    }
  }

  #awaitReader(response: ServerResponse, operator: boolean): void {
    if (this.#behind.has(response)) return;
    this.#behind.add(response);
    response.once('drain', () => {
      if (this.#behind.delete(response)) response.write(this.#encode(operator));
    });
  }
}
