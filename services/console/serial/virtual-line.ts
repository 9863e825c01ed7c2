import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '#core/domain/clock.ts';
import { listen } from '#core/runtime/listen.ts';
import { Outbox } from './outbox.ts';
import type { SerialLine, SerialListener } from './serial-line.ts';

/** A serial line without a cable: a Unix socket; one host at a time, as on a cable. `onair console` is such a host. */
export class VirtualLine implements SerialLine {
  readonly #socketPath: string;
  readonly #server: Server;
  readonly #outbox: Outbox;
  #listener: SerialListener | null = null;
  #host: Socket | null = null;
  #hangingUp = false;

  /** @param options.socketPath where the line ends; a leftover there is replaced */
  constructor(options: { socketPath: string; clock: Clock }) {
    this.#socketPath = options.socketPath;
    this.#server = createServer((socket) => this.#connect(socket));
    this.#outbox = new Outbox({
      clock: options.clock,
      onMuch: (isMuch) => (isMuch ? this.#host?.pause() : this.#host?.resume()),
      send: (chunk, done) => {
        if (this.#host === null) done();
        else
          this.#host.write(chunk, () => {
            done();
            this.#endIfDone();
          });
      },
    });
  }

  async start(listener: SerialListener): Promise<void> {
    this.#listener = listener;
    await rm(this.#socketPath, { force: true });
    await listen(this.#server, { path: this.#socketPath });
    await chmod(this.#socketPath, 0o660);
  }

  get pendingBytes(): number {
    return this.#outbox.pendingBytes;
  }

  write(bytes: Uint8Array): boolean {
    return this.#host !== null && this.#outbox.put(bytes);
  }

  hangUp(): void {
    this.#hangingUp = true;
    this.#endIfDone();
  }

  async close(): Promise<void> {
    this.#listener = null;
    this.#host?.destroy();
    this.#host = null;
    this.#outbox.clear();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #endIfDone(): void {
    if (this.#hangingUp && this.pendingBytes === 0) this.#host?.end();
  }

  #connect(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (this.#host !== null) {
      socket.end('The line is in use: another terminal is on it.\r\n');
      return;
    }
    this.#host = socket;
    this.#hangingUp = false;
    socket.on('data', (bytes) => this.#listener?.received(bytes));
    socket.on('close', () => {
      if (this.#host !== socket) return;
      this.#host = null;
      this.#outbox.clear();
      this.#listener?.detached();
    });
    this.#listener?.attached();
  }
}
