import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Test } from 'tap';
import type { Viewer } from '#control/access/viewer-identity.ts';
import { HttpServer } from '#control/http/http-server.ts';
import { type Route, Router } from '#control/http/router.ts';
import type { Dialect } from '#control/sockets/dialect.ts';
import { SocketHost } from '#control/sockets/socket-host.ts';
import { initialSettings } from '#core/domain/settings.ts';
import { DrivenClock } from './driven-clock.ts';
import { keepingLogger } from './link-pair.ts';

const streamId = '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f';

interface Setup {
  routes?: Route[];
  dialects?: readonly Dialect[];
  authority?: 'network' | 'link';
  operator?: (request: IncomingMessage) => { id: string } | null;
  admit?: (request: IncomingMessage) => Promise<Viewer>;
  timeouts?: { headersMs: number; requestMs: number; checkEveryMs: number };
  clock?: DrivenClock;
}

/** Control's HTTP server with its web sockets on a loopback port, with these routes and dialects. */
export async function webServer(t: Test, setup: Setup = {}) {
  const { logger, kept } = keepingLogger();
  const settings = initialSettings({ deviceId: 'box-1', streamId });
  const clock = setup.clock ?? new DrivenClock();
  const sockets = new SocketHost({ dialects: setup.dialects ?? [], clock, logger });
  const server = new HttpServer({
    listenOn: { host: '127.0.0.1', port: 0 },
    authority: setup.authority ?? 'network',
    router: new Router(setup.routes ?? []),
    settings: () => settings,
    upgrade: (request, stream, head, url) => sockets.upgrade(request, stream, head, url),
    logger,
    ...(setup.operator ? { operator: setup.operator } : {}),
    ...(setup.admit ? { admit: setup.admit } : {}),
    ...(setup.timeouts ? { timeouts: setup.timeouts } : {}),
  });
  await server.start();
  sockets.start();
  t.teardown(async () => {
    sockets.close();
    await server.close();
  });
  const port = server.port ?? 0;
  return { server, sockets, settings, clock, kept, port, url: `http://127.0.0.1:${port}` };
}

/**
 * Sends bytes as they are, and resolves with all that came until the server closed the connection.
 * @param texts sent one after the other
 */
export async function sayRaw(port: number, ...texts: string[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: false });
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (text) => {
    received += text;
  });
  socket.on('error', () => {});
  for (const text of texts) socket.write(text, 'latin1');
  await once(socket, 'close');
  return received;
}
