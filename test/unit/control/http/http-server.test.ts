import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { HttpServer } from '#control/http/http-server.ts';
import { Router } from '#control/http/router.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { ask } from '#test/support/ask.ts';
import { shortFolder } from '#test/support/short-folder.ts';
import { routes } from '#test/support/web-routes.ts';
import { sayRaw, webServer } from '#test/support/web-server.ts';

t.setTimeout(30_000);

t.test('foreign hosts and origins get nothing, before anything is done', async (t) => {
  const { url, settings } = await webServer(t, { routes });
  const get = (headers: Record<string, string>, path = '/plain') => ask('GET', `${url}${path}`, { headers });
  t.match(await get({ host: 'evil.example' }), {
    status: 403,
    json: { code: 'forbidden', action: /allowedHosts/ },
  });
  t.match(await get({ host: 'evil.example' }, '/nowhere'), { status: 403 });
  t.match(await get({ host: 'onair.local' }), { status: 200 });
  settings.network.allowedHosts = ['cam.example'];
  t.match(await get({ host: 'cam.example' }), { status: 200 });
  settings.network.hostname = 'camera';
  t.match(await get({ host: 'camera.local' }), { status: 200 });
  t.match(
    await get({ host: 'onair.local' }),
    { status: 200 },
    'who renamed it still calls it by the old name',
  );
  t.match(await get({ origin: 'http://evil.example' }), { status: 403, json: { code: 'forbidden' } });
  t.match(await get({ origin: 'null' }), { status: 403 });
  t.match(await get({ host: 'onair.local', origin: 'http://onair.local' }), { status: 200 });
});

t.test('what sites that are named may embed answers them without credentials', async (t) => {
  const { url, settings } = await webServer(t, { routes });
  const origin = 'http://player.example';
  settings.viewing.embedOrigins = [origin];
  const post = () =>
    ask('POST', `${url}/sdp`, { headers: { origin, 'content-type': 'application/sdp' }, body: 'v=0' });
  t.match(await post(), {
    status: 200,
    text: 'v=0',
    headers: { 'access-control-allow-origin': 'http://player.example' },
  });
  const preflight = await ask('OPTIONS', `${url}/sdp`, { headers: { origin } });
  t.match(preflight.headers, {
    'access-control-allow-origin': 'http://player.example',
    'access-control-allow-methods': /PATCH, DELETE/,
    'access-control-allow-headers': /Authorization, Content-Type/,
  });
  t.notOk(preflight.headers['access-control-allow-credentials']);
  const wrong = await ask('POST', `${url}/sdp`, {
    headers: { origin, 'content-type': 'text/plain' },
    body: 'v=0',
  });
  t.match(
    wrong,
    { status: 415, headers: { 'access-control-allow-origin': 'http://player.example' } },
    'a page may read its error',
  );
  settings.viewing.embedOrigins = [];
  t.match(await post(), { status: 403 });
  t.notOk((await post()).headers['access-control-allow-origin']);
});

t.test('the operator’s acts are for the link', async (t) => {
  const { url } = await webServer(t, { routes });
  t.match(await ask('DELETE', `${url}/state`), {
    status: 401,
    json: { code: 'unauthorized', action: /button/ },
  });
  const link = await webServer(t, { routes, authority: 'link' });
  t.match(await ask('DELETE', `${link.url}/state`), { status: 202 });
  t.match(await ask('DELETE', `${link.url}/state`, { headers: { host: 'any', origin: 'http://any' } }), {
    status: 202,
  });
});

t.test('clients that do not finish their request are cut off', async (t) => {
  const timeouts = { headersMs: 150, requestMs: 300, checkEveryMs: 25 };
  const { port, url } = await webServer(t, { routes, timeouts });
  const slow = [
    '',
    'GET /plain HTTP/1.1\r\nHost: loc',
    `POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{`,
  ];
  for (const text of slow) t.match(await sayRaw(port, text), /^($|HTTP\/1\.1 408)/, JSON.stringify(text));
  t.match(await ask('GET', `${url}/plain`), { status: 200 });
});

t.test('an offer of HTTP/2 is passed over, with a body or without', async (t) => {
  const { port } = await webServer(t, { routes });
  const offer =
    'Host: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
  const next = 'GET /plain HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  const get = await sayRaw(port, `GET /plain HTTP/1.1\r\n${offer}\r\n`, next);
  t.equal(get.match(/HTTP\/1\.1 200 OK/g)?.length, 2, 'and the connection goes on');
  const warned: Error[] = [];
  const warn = (warning: Error): void => void warned.push(warning);
  process.on('warning', warn);
  const socket = connect(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  for (let again = 0; again < 30; again += 1) {
    socket.write(`GET /plain HTTP/1.1\r\n${offer}\r\n`);
    t.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 200 OK/);
  }
  socket.end(`GET /plain HTTP/1.1\r\n${offer}\r\n`);
  t.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 200 OK/, 'the last one, with its end');
  await once(socket, 'close');
  process.off('warning', warn);
  t.same(warned, [], 'however often on one connection, nothing piles up');
  const head = `POST /echo HTTP/1.1\r\n${offer}Content-Type: application/json\r\nContent-Length: 15\r\n\r\n`;
  t.match(await sayRaw(port, `${head}{"text"`, ':"late"}', next), /\{"text":"late"\}[\s\S]*"plain":true/);
});

t.test('a port that is taken, or another’s, is said in words', async (t) => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  t.teardown(() => squatter.close());
  const { port } = squatter.address() as { port: number };
  const { settings } = await webServer(t);
  const on = (listenOn: ConstructorParameters<typeof HttpServer>[0]['listenOn']) =>
    new HttpServer({
      listenOn,
      authority: 'network',
      router: new Router(routes),
      settings: () => settings,
      upgrade: () => {},
      logger: createLogger('test', 'silent'),
    });
  await t.rejects(on({ host: '127.0.0.1', port }).start(), {
    code: 'unavailable',
    message: `Port ${port} is in use by another program.`,
    action: /--port/,
  });
  const path = join(await shortFolder(t), 'control.sock');
  const first = on({ path });
  await first.start();
  t.equal(first.port, null);
  const kept: Socket = connect(path);
  await once(kept, 'connect');
  await first.close();
  await first.close();
  const second = on({ path });
  await second.start();
  await second.close();
});
