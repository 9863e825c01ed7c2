import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A stretch of line that can be cut: nothing passes then, and nobody is told, as when a cable is pulled. */
export class TcpRelay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  #port = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param port where it leads to, on loopback */
  static async start(port: number): Promise<TcpRelay> {
    const server = createServer((near) => relay.#join(near, port));
    const relay = new TcpRelay(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return relay;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  async cut(): Promise<void> {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.pause();
    this.#port = this.port;
    this.#server.close();
  }

  /** Connections from before are dead, as after an outage in which addresses changed. */
  async restore(): Promise<void> {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.destroy();
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket, port: number): void {
    const far = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      if (this.#isCut) socket.pause();
      socket.on('data', (chunk) => {
        if (!other.write(chunk)) socket.pause();
      });
      socket.on('drain', () => {
        if (!this.#isCut) other.resume();
      });
      socket.on('error', () => {}); // 'close' follows
      socket.on('close', () => {
        this.#sockets.delete(socket);
        if (!this.#isCut) other.destroy();
      });
    }
  }
}
