import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { linkSockets } from '#control/link/daemon-socket.ts';
import { LinkHost } from '#control/link/link-host.ts';
import { daemonName } from '#core/protocol/link/daemon.ts';
import { createLogger, type Logger } from '#core/runtime/logger.ts';

/** A logger that keeps its warnings and errors. */
export function keepingLogger(): { logger: Logger; kept: string[] } {
  const kept: string[] = [];
  const logger = createLogger('test', 'silent');
  const keep = (details: unknown, message?: unknown): void => {
    const error = details instanceof Object && 'err' in details ? String(details.err) : '';
    kept.push(`${message ?? details} ${error}`.trim());
  };
  Object.assign(logger, { warn: keep, error: keep });
  return { logger, kept };
}

/** Control's end of the link on a Unix socket, as control's main.ts joins it up. */
export class LinkServer {
  readonly host: LinkHost;
  readonly kept: string[];
  readonly #path: string;
  readonly #server: Server;
  readonly #streams = new Set<Socket>();

  constructor(path: string) {
    const { logger, kept } = keepingLogger();
    this.kept = kept;
    this.#path = path;
    this.host = new LinkHost({ logger, deviceId: () => 'box-1' });
    const sockets = linkSockets();
    this.#server = createServer();
    this.#server.on('connection', (stream) => {
      this.#streams.add(stream);
      stream.on('close', () => this.#streams.delete(stream));
    });
    this.#server.on('upgrade', (request, stream, head) => {
      sockets.handleUpgrade(request, stream, head, (socket) => this.host.accept(socket, daemonName.options));
    });
  }

  async start(): Promise<this> {
    await rm(this.#path, { force: true });
    this.#server.listen(this.#path);
    await once(this.#server, 'listening');
    return this;
  }

  /** As when control dies: every connection is cut. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const stream of this.#streams) stream.destroy();
    await closed;
  }
}
