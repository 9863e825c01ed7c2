import { WebSocket } from 'ws';
import { type ServerToClient, serverToClient } from '#core/protocol/nova.ts';

const patienceMs = 30_000;

type Event = ServerToClient['event'];
type Data<Name extends Event> = Extract<ServerToClient, { event: Name }>['data'];

/** An upgrade that was answered as HTTP. */
export class Refused extends Error {
  readonly status: number;
  readonly body: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>) {
    super(`HTTP ${status}`);
    this.status = status;
    this.body = body;
  }
}

/** A viewer as a test sees it: everything it got, checked against the protocol's schema, in order. */
export class NovaClient {
  readonly socket: WebSocket;
  readonly received: ServerToClient[] = [];
  closedWith: { code: number; reason: string } | null = null;
  #taken = 0;
  #requests = 0;
  #wake: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data, isBinary) => {
      if (isBinary) throw new Error('Nova sends text');
      this.received.push(serverToClient.parse(JSON.parse(String(data))));
      this.#wake();
    });
    socket.on('close', (code, reason) => {
      this.closedWith = { code, reason: String(reason) };
      this.#wake();
    });
    socket.on('error', () => {});
  }

  /** @throws Refused */
  static async connect(url: string): Promise<NovaClient> {
    const socket = new WebSocket(url);
    const client = new NovaClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
      socket.once('unexpected-response', (_request, response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => reject(new Refused(response.statusCode ?? 0, JSON.parse(text))));
      });
    });
    return client;
  }

  /** The names of all that came, in order. */
  get events(): Event[] {
    return this.received.map(({ event }) => event);
  }

  all<Name extends Event>(name: Name): Data<Name>[] {
    return this.received.flatMap((message) => (message.event === name ? [message.data as Data<Name>] : []));
  }

  /** The next message of that name which no call before has returned or passed over; waits for it. */
  async next<Name extends Event>(name: Name): Promise<Data<Name>> {
    for (;;) {
      while (this.#taken < this.received.length) {
        const message = this.received[this.#taken];
        this.#taken += 1;
        if (message?.event === name) return message.data as Data<Name>;
      }
      await this.#news(`${name}, got ${this.events.join(', ')}`);
    }
  }

  /** All that the box sent until now has come, and all that was sent to it has been read: one question and its answer. */
  async settle(): Promise<void> {
    this.#requests += 1;
    const requestId = `settle-${this.#requests}`;
    this.send({ event: 'get_stream_info', data: { request_id: requestId } });
    while (!this.all('stream_info').some(({ request_id }) => request_id === requestId)) {
      await this.#news('the answer to get_stream_info');
    }
  }

  async closed(): Promise<{ code: number; reason: string }> {
    while (this.closedWith === null) await this.#news('the close');
    return this.closedWith;
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  pong(sequence?: number): void {
    const data = { ...(sequence === undefined ? {} : { sequence }), timestamp: new Date().toISOString() };
    this.send({ event: 'pong', data });
  }

  /** Says goodbye; resolves once the box has answered. */
  async leave(): Promise<void> {
    this.socket.close(1000);
    await this.closed();
  }

  terminate(): void {
    this.socket.terminate();
  }

  async #news(what: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), patienceMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
