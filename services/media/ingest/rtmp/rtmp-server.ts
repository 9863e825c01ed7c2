import { createServer, type Server, type Socket } from 'node:net';
import { listen } from '#core/runtime/listen.ts';
import type { Publication } from '../publication.ts';
import { RtmpSession } from './rtmp-session.ts';

/** Who has not shown a key yet; more are not listened to. */
const maxStrangers = 8;
/** Of one address. */
const maxStrangersPerAddress = 3;

interface ServerOptions {
  publication: Publication;
  isKey: (key: string) => boolean;
  note: (text: string, details: Record<string, string | number>) => void;
}

/**
 * RTMP 1.0 for publishers, with Enhanced RTMP's codecs; nothing is played from here. There is no server for it in Debian
 * that is kept up and takes Enhanced RTMP, and none on npm without a web server around it (docs/decisions).
 */
export class RtmpServer {
  readonly #options: ServerOptions;
  readonly #sessions = new Set<RtmpSession>();
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** @returns the port. @throws Error where it can't listen */
  async start(port: number): Promise<number> {
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    try {
      await listen(server, { port, host: '::' });
    } catch (error) {
      // A machine without IPv6.
      if (!['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes((error as NodeJS.ErrnoException).code ?? ''))
        throw error;
      await listen(server, { port, host: '0.0.0.0' });
    }
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  close(): void {
    this.#server?.close();
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    const strangers = [...this.#sessions].filter(({ publishes }) => !publishes);
    const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    const same = strangers.filter((session) => session.address === address);
    if (strangers.length >= maxStrangers || same.length >= maxStrangersPerAddress) {
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    const session = new RtmpSession({ ...this.#options, socket });
    this.#sessions.add(session);
    this.#sockets.add(socket);
    socket.on('close', () => {
      this.#sessions.delete(session);
      this.#sockets.delete(socket);
    });
  }
}
