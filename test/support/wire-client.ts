import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type ClientOptions, WebSocket } from 'ws';

/** A web socket client that keeps all that it hears, in order. */
export class WireClient {
  readonly socket: WebSocket;
  readonly heard: string[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #closed: Promise<{ code: number; reason: string }>;
  #read = 0;

  private constructor(url: string, options: ClientOptions) {
    this.socket = new WebSocket(url, options);
    this.socket.on('message', (data) => {
      this.heard.push(String(data));
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.socket.on('error', () => {});
    this.#closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        resolve({ code, reason: String(reason) });
        for (const wake of this.#waiting.splice(0)) wake();
      });
    });
  }

  static async connect(url: string, options: ClientOptions = {}): Promise<WireClient> {
    const client = new WireClient(url.replace(/^http/, 'ws'), options);
    await once(client.socket, 'open');
    return client;
  }

  /** The HTTP answer to an upgrade that is refused. */
  static async refused(url: string, options: ClientOptions = {}): Promise<{ status: number; body: string }> {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), options);
    socket.on('error', () => {});
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    let body = '';
    for await (const chunk of response) body += chunk;
    return { status: response.statusCode ?? 0, body };
  }

  /** The TCP socket underneath. */
  get stream(): Socket {
    return (this.socket as unknown as { _socket: Socket })._socket;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The next message, as text. Rejects where the connection ends, or nothing comes within 20 s. */
  async next(): Promise<string> {
    const deadlineMs = performance.now() + 20_000;
    while (this.heard.length <= this.#read) {
      const leftMs = deadlineMs - performance.now();
      if (this.socket.readyState === WebSocket.CLOSED || leftMs <= 0)
        throw new Error(`no message; heard so far: ${this.heard.join(' | ').slice(0, 2_000)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    this.#read += 1;
    return this.heard[this.#read - 1] ?? '';
  }

  /** The next message, as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests match it against what they expect
  async nextJson(): Promise<any> {
    return JSON.parse(await this.next());
  }

  /** All pings that were sent are answered, and so all messages before them have been dealt with. */
  async settled(): Promise<void> {
    const pong = once(this.socket, 'pong');
    this.socket.ping();
    await pong;
  }

  /** How the connection ended; rejects after 20 s. */
  async closed(): Promise<{ code: number; reason: string }> {
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('the connection is still open')), 20_000).unref();
    });
    return await Promise.race([this.#closed, late]);
  }

  close(): void {
    this.socket.terminate();
  }
}
