import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { OnairError } from '#core/domain/errors.ts';
import type { LinkedDaemon } from '#core/protocol/link/daemon.ts';
import { listen } from '#core/runtime/listen.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { problemOf, sendProblem } from '../http/problem.ts';
import { refuseUpgrade } from '../http/refuse-upgrade.ts';

/** The largest message of a daemon: one second of 25 Mbit/s video is 3 MB. */
export const maxLinkMessageBytes = 8 * 1024 * 1024;

/** Takes web sockets at `/link`. */
export function linkSockets(): WebSocketServer {
  return new WebSocketServer({ noServer: true, maxPayload: maxLinkMessageBytes, perMessageDeflate: false });
}

/**
 * One daemon's own socket: the link and nothing else. A daemon that was taken over by what it parses (a stranger's
 * stream, a viewer's packets) can send its own messages and is not an operator.
 */
export class DaemonSocket {
  readonly #path: string;
  readonly #daemon: LinkedDaemon;
  readonly #server: Server;
  readonly #streams = new Set<Socket>();

  constructor(options: {
    path: string;
    daemon: LinkedDaemon;
    /** Takes over an open web socket. */
    accept: (socket: WebSocket) => void;
    logger: Logger;
  }) {
    const { path, daemon, accept, logger } = options;
    this.#path = path;
    this.#daemon = daemon;
    const sockets = linkSockets();
    this.#server = createServer((_, response) => sendProblem(response, problemOf(this.#refusal(), logger)));
    this.#server.on('connection', (stream: Socket) => {
      stream.on('error', () => stream.destroy());
      this.#streams.add(stream);
      stream.on('close', () => this.#streams.delete(stream));
    });
    this.#server.on('upgrade', (request, stream: Socket, head: Buffer) => {
      if (request.url === '/link') sockets.handleUpgrade(request, stream, head, accept);
      else refuseUpgrade(stream, problemOf(this.#refusal(), logger));
    });
  }

  async start(): Promise<void> {
    await rm(this.#path, { force: true });
    await listen(this.#server, { path: this.#path });
    await chmod(this.#path, 0o660);
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const stream of this.#streams) stream.destroy();
    await closed;
  }

  #refusal(): OnairError {
    return new OnairError('forbidden', `This socket takes the link of ${this.#daemon} alone.`, {
      action: 'Operators use control.sock.',
    });
  }
}
