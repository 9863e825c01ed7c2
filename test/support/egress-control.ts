import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Unstamped } from '#core/protocol/link/daemon.ts';
import { type FromEgress, fromEgress, type ToEgress } from '#core/protocol/link/egress.ts';

type Of<Type extends FromEgress['type']> = Extract<FromEgress, { type: Type }>;

/** Stands for control at the other end of egress' link: a real socket, and every message checked. */
export class ControlStandIn extends EventEmitter<{ message: [FromEgress] }> {
  readonly directory: string;
  readonly received: FromEgress[] = [];
  #server: Server | null = null;
  #sockets: WebSocketServer | null = null;
  #egress: WebSocket | null = null;

  static async start(): Promise<ControlStandIn> {
    const control = new ControlStandIn(await mkdtemp(join(tmpdir(), 'onair-egress-')));
    await control.listen();
    return control;
  }

  private constructor(directory: string) {
    super();
    this.directory = directory;
  }

  get socketPath(): string {
    return join(this.directory, 'link-egress.sock');
  }

  async listen(): Promise<void> {
    const server = createServer();
    const sockets = new WebSocketServer({ server, path: '/link', perMessageDeflate: false });
    sockets.on('connection', (socket) => {
      this.#egress = socket;
      socket.on('message', (data) => this.#hear(String(data)));
    });
    this.#server = server;
    this.#sockets = sockets;
    server.listen(this.socketPath);
    await once(server, 'listening');
  }

  send(message: Unstamped<ToEgress>): void {
    this.#egress?.send(JSON.stringify({ ...message, ts: new Date().toISOString() }));
  }

  /** The next message of this type, or one that has come since `received` was cut, that fits. */
  async next<Type extends FromEgress['type']>(
    type: Type,
    fits: (payload: Of<Type>['payload']) => boolean = () => true,
    timeoutMs = 5_000,
  ): Promise<Of<Type>['payload']> {
    const signal = AbortSignal.timeout(timeoutMs);
    const isIt = (message: FromEgress): message is Of<Type> =>
      message.type === type && fits(message.payload as Of<Type>['payload']);
    for (;;) {
      for (const [index, message] of this.received.entries()) {
        if (!isIt(message)) continue;
        this.received.splice(index, 1);
        return message.payload as Of<Type>['payload'];
      }
      await once(this, 'message', { signal }).catch(() => {
        const seen = this.received.map((each) => each.type).join(', ');
        throw new Error(`no ${type} within ${timeoutMs} ms; seen: ${seen}`);
      });
    }
  }

  /** As if control had died: the link breaks. */
  async die(): Promise<void> {
    for (const socket of this.#sockets?.clients ?? []) socket.terminate();
    this.#sockets?.close();
    const server = this.#server;
    if (server?.listening) await new Promise((resolve) => server.close(resolve));
    this.#egress = null;
    this.received.length = 0;
  }

  async close(): Promise<void> {
    await this.die();
    await rm(this.directory, { recursive: true, force: true });
  }

  #hear(text: string): void {
    const message = fromEgress.parse(JSON.parse(text));
    this.received.push(message);
    if (message.type === 'daemon_hello') this.send({ type: 'daemon_welcome', payload: { device_id: 'box' } });
    this.emit('message', message);
  }
}
