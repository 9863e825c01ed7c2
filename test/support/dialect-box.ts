import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientOptions, WebSocket } from 'ws';
import { Admissions } from '#control/access/admissions.ts';
import { TokenKeeper } from '#control/access/token-keeper.ts';
import { ViewerIdentity } from '#control/access/viewer-identity.ts';
import type { Dialect } from '#control/sockets/dialect.ts';
import { SocketHost } from '#control/sockets/socket-host.ts';
import { initialSettings, type Settings } from '#core/domain/settings.ts';
import { createLogger, type Logger } from '#core/runtime/logger.ts';
import { DrivenClock } from './driven-clock.ts';

const patienceMs = 30_000;

/** What dialects are made of in a test. */
export interface DialectParts {
  clock: DrivenClock;
  tokens: TokenKeeper;
  identity: ViewerIdentity;
  settings: Settings;
  logger: Logger;
}

/** Dialects on a real socket, with time that the test drives. */
export class DialectBox {
  readonly parts: DialectParts;
  readonly sockets: SocketHost;
  /** What lasts, and ends with its right. */
  readonly admissions: Admissions;
  readonly #folder: string;
  readonly #server: Server = createServer();
  readonly #clients: SpokenClient[] = [];

  private constructor(options: {
    folder: string;
    parts: DialectParts;
    sockets: SocketHost;
    admissions: Admissions;
  }) {
    const { folder, parts, sockets, admissions } = options;
    this.#folder = folder;
    this.parts = parts;
    this.sockets = sockets;
    this.admissions = admissions;
    this.#server.on('upgrade', (request, socket, head) => {
      void sockets.upgrade(request, socket as Socket, head, new URL(request.url ?? '/', 'http://box'));
    });
  }

  static async start(make: (parts: DialectParts) => Dialect[]): Promise<DialectBox> {
    const folder = await mkdtemp(join(tmpdir(), 'onair-dialect-'));
    const clock = new DrivenClock();
    const settings = initialSettings({ deviceId: 'box-1', streamId: '550e8400-e29b-41d4-a716-446655440000' });
    const tokens = new TokenKeeper({ path: join(folder, 'token.key') });
    await tokens.start();
    const identity = new ViewerIdentity({ tokens, settings: () => settings });
    const logger = createLogger('dialect-test', 'silent');
    const parts = { clock, tokens, identity, settings, logger };
    const admissions = new Admissions({ isValid: (grant) => identity.isValid(grant) });
    const sockets = new SocketHost({
      dialects: make(parts),
      clock,
      logger,
      hold: (grant, end) => admissions.hold(grant, end),
    });
    const box = new DialectBox({ folder, parts, sockets, admissions });
    sockets.start();
    await new Promise<void>((resolve) => box.#server.listen(0, '127.0.0.1', resolve));
    return box;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async token(viewerId: string): Promise<string> {
    const streamId = this.parts.settings.broadcast.streamId;
    return (await this.parts.tokens.issue({ viewerId, streamId })).token;
  }

  async connect(path: string, options: ClientOptions = {}): Promise<SpokenClient> {
    const client = await SpokenClient.connect(`ws://127.0.0.1:${this.port}${path}`, options);
    this.#clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.socket.terminate();
    this.sockets.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export interface Message {
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
  [field: string]: any;
}

/** A client that keeps what it hears, in order. */
export class SpokenClient {
  readonly socket: WebSocket;
  readonly received: Message[] = [];
  #taken = 0;
  #closed: { code: number; reason: string } | null = null;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      this.received.push(JSON.parse(String(data)));
      this.#wake();
    });
    socket.on('close', (code, reason) => {
      this.#closed = { code, reason: String(reason) };
      this.#wake();
    });
    socket.on('error', () => {});
  }

  static async connect(url: string, options: ClientOptions): Promise<SpokenClient> {
    const socket = new WebSocket(url, options);
    const client = new SpokenClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The next message of that type that no call before has returned or passed over. */
  async next(type: string): Promise<Message> {
    for (;;) {
      while (this.#taken < this.received.length) {
        const message = this.received[this.#taken];
        this.#taken += 1;
        if (message?.type === type) return message;
      }
      if (this.#closed) throw new Error(`closed with ${this.#closed.code} before ${type}`);
      await this.#news(`${type}; got ${this.received.map((message) => message.type).join(', ')}`);
    }
  }

  async closed(): Promise<{ code: number; reason: string }> {
    while (!this.#closed) await this.#news('the close');
    return this.#closed;
  }

  /** Types of all that came. */
  get types(): string[] {
    return this.received.map(({ type }) => type);
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  async #news(what: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), patienceMs);
      this.#waiting.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
