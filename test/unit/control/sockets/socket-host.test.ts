import { once } from 'node:events';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { RateLimit } from '#control/domain/rate-limit.ts';
import type { ChannelLimits } from '#core/protocol/channel.ts';
import { TinyDialect } from '#test/support/tiny-dialect.ts';
import { sayRaw, webServer } from '#test/support/web-server.ts';
import { WireClient } from '#test/support/wire-client.ts';

t.setTimeout(30_000);

async function setUp(t: Test, limits: Partial<ChannelLimits> = {}) {
  const dialect = new TinyDialect(limits);
  const made = await webServer(t, { dialects: [dialect] });
  const clients: WireClient[] = [];
  t.teardown(() => {
    for (const client of clients) client.close();
  });
  const join = async (room = 'a', options = {}): Promise<WireClient> => {
    const client = await WireClient.connect(`${made.url}/tiny/${room}`, options);
    clients.push(client);
    return client;
  };
  /** Resolves once the server has no connection left. */
  const emptied = async (): Promise<void> => {
    while (made.sockets.connections > 0) await new Promise((resolve) => setImmediate(resolve));
  };
  return { ...made, dialect, join, emptied };
}

t.test('messages of the dialect reach it, what is none is refused in its words', async (t) => {
  const { join, kept, dialect } = await setUp(t);
  const client = await join('room%201');
  t.same(dialect.happened, ['open room 1']);
  const cases: [unknown, RegExp][] = [
    [{ say: 'hello' }, /^heard hello$/],
    ['not JSON', /^refused: invalid-message The message is not JSON\.$/],
    ['', /invalid-message/],
    [{ say: 5, id: 'x1' }, /^refused x1: invalid-message say: /],
    [{ say: 'a', more: 1, id: 'x2' }, /^refused x2: invalid-message .*"more"/],
    [[], /invalid-message/],
    ['null', /invalid-message/],
    [`${'['.repeat(450)}${']'.repeat(450)}`, /invalid-message/],
    [{ say: 'conflict', id: 'x3' }, /^refused x3: conflict Not now\.$/],
    [{ say: 'throw', id: 'x4' }, /^refused x4: unavailable Something went wrong/],
  ];
  for (const [message, answer] of cases) {
    client.send(message);
    t.match(await client.next(), answer);
  }
  client.socket.send(Buffer.from('{"say":"x"}'));
  t.match(await client.next(), /^refused: invalid-message .*not binary/);
  t.match(kept, [/secret detail/], 'a bug is logged');
  t.notMatch(client.heard.join(), /secret/, 'and not told');
});

t.test('what the protocol of web sockets forbids ends the connection, and that one only', async (t) => {
  const { join, emptied, dialect, sockets } = await setUp(t, { maxMessageBytes: 1_000 });
  const other = await join('other');
  const large = await join();
  large.send('x'.repeat(1_001));
  t.equal((await large.closed()).code, 1009);
  const split = await join();
  split.socket.send('x'.repeat(600), { fin: false });
  split.socket.send('x'.repeat(600), { fin: true });
  t.equal((await split.closed()).code, 1009, 'in pieces too');
  const text = await join();
  text.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
  t.equal((await text.closed()).code, 1007);
  const unmasked = await join();
  unmasked.stream.write(Buffer.from([0x81, 0x01, 0x41]));
  t.equal((await unmasked.closed()).code, 1002);
  other.send({ say: 'still here' });
  t.equal(await other.next(), 'heard still here');
  t.equal(sockets.connections, 1);
  other.close();
  await emptied();
  t.equal(dialect.happened.filter((one) => one.startsWith('closed')).length, 5, 'each is closed once');
});

t.test('a client that talks too much is told for each message, by its id, then closed', async (t) => {
  const { join, clock, emptied } = await setUp(t, { messagesPerSecond: 10, burstMessages: 20 });
  const client = await join();
  for (let sent = 0; sent < 25; sent += 1) client.send({ say: `${sent}`, id: `id-${sent}` });
  await client.settled();
  t.equal(client.heard.filter((text) => text.startsWith('heard')).length, 20);
  t.same(
    client.heard.slice(20).map((text) => text.slice(0, 27)),
    [20, 21, 22, 23, 24].map((sent) => `refused id-${sent}: rate-limited`.slice(0, 27)),
    'each gets its answer',
  );
  clock.advance(1_000);
  client.send({ say: 'later' });
  await client.settled();
  t.equal(client.heard.at(-1), 'heard later');
  for (let sent = 0; sent < 100; sent += 1) client.send({ say: 'x' });
  t.match(await client.closed(), { code: 1008, reason: 'too many messages' });
  await emptied();
});

t.test('one client’s flood costs no other its messages', async (t) => {
  const { join } = await setUp(t);
  const [flood, quiet] = [await join('flood'), await join('quiet')];
  for (let sent = 0; sent < 200; sent += 1) flood.send({ say: 'x' });
  quiet.send({ say: 'mine' });
  t.equal(await quiet.next(), 'heard mine');
});

t.test('who is not heard of for the dialect’s time is dropped, who answers stays', async (t) => {
  const { join, clock, sockets, emptied } = await setUp(t);
  const alive = await join('alive', { autoPong: true });
  const dead = await join('dead', { autoPong: false });
  const talking = await join('talking', { autoPong: false });
  const pinging = await join('pinging', { autoPong: false });
  for (let second = 5; second <= 30; second += 5) {
    clock.advance(5_000);
    talking.send({ say: 'x' });
    await Promise.all([alive, talking, pinging].map((client) => client.settled()));
  }
  t.equal((await dead.closed()).code, 1006);
  t.equal(sockets.connections, 3);
  alive.send({ say: 'x' });
  t.equal(await alive.next(), 'heard x');
  clock.setWall(clock.nowMs() + 86_400_000);
  clock.advance(5_000);
  t.equal(sockets.connections, 3, 'a clock that network time sets drops nobody');
  for (const client of [alive, talking, pinging]) client.close();
  await emptied();
});

t.test('refusals before the upgrade are HTTP, with a reason', async (t) => {
  const { url, port, sockets, settings } = await setUp(t);
  const refused = async (path: string, headers: Record<string, string> = {}) => {
    const { status, body } = await WireClient.refused(`${url}${path}`, { headers });
    return { status, ...JSON.parse(body) };
  };
  t.match(await refused('/nowhere'), { status: 404, code: 'not-found', title: /\/nowhere/ });
  t.match(await refused('/tiny/a/b'), { status: 404 });
  t.match(await refused('/tiny/a?token=wrong'), {
    status: 401,
    code: 'unauthorized',
    action: 'Get another.',
  });
  t.match(await refused('/tiny/a', { origin: 'http://evil.example' }), { status: 403, code: 'forbidden' });
  t.match(await refused('/tiny/a', { host: 'evil.example' }), { status: 403 });
  settings.network.allowedHosts = ['cam.example'];
  const own = await WireClient.connect(`${url}/tiny/a`, {
    headers: { host: 'cam.example', origin: 'http://cam.example' },
  });
  own.close();
  const upgrade = 'GET /tiny/a HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
  const other = await sayRaw(
    port,
    `${upgrade}Sec-WebSocket-Version: 7\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n\r\n`,
  );
  t.match(other, /^HTTP\/1\.1 4(00|26)/, 'another version of web sockets');
  t.match(await sayRaw(port, `${upgrade}\r\n`), /^HTTP\/1\.1 400/, 'no key');
  t.equal(sockets.connections <= 1, true);
});

t.test('a refused client that hangs on, or tears the connection, costs nothing', async (t) => {
  const { port, url, server } = await setUp(t);
  const bad =
    'GET /tiny/a HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  t.match(await sayRaw(port, bad), /^HTTP\/1\.1 403/, 'the server closes, though the client does not');
  for (let torn = 0; torn < 20; torn += 1) {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(bad);
    socket.resetAndDestroy();
    socket.on('error', () => {});
  }
  t.equal(await (await fetch(`${url}/none`)).status, 404, 'the server lives');
  t.ok(server.port);
});

t.test('a dialect that fails to open ends that connection with 1011', async (t) => {
  const { join, sockets, kept } = await setUp(t);
  const client = await join('broken');
  t.match(await client.closed(), { code: 1011, reason: 'internal error' });
  t.equal(sockets.connections, 0);
  t.match(kept, [/secret detail/]);
});

t.test('new connections of one address are limited, to no less than 100 a second', async (t) => {
  const { url, clock, sockets } = await setUp(t);
  const knock = () => WireClient.refused(`${url}/nowhere`);
  for (let batch = 0; batch < 4; batch += 1) {
    const answers = await Promise.all(Array.from({ length: 50 }, knock));
    t.ok(
      answers.every(({ status }) => status === 404),
      'two hundred at once',
    );
  }
  const { status, body } = await knock();
  t.equal(status, 429);
  t.match(JSON.parse(body), { code: 'rate-limited' });
  clock.advance(1_000);
  const later = await Promise.all(Array.from({ length: 100 }, knock));
  t.ok(
    later.every((answer) => answer.status === 404),
    'a second later a hundred more',
  );
  t.equal((await knock()).status, 429);
  t.equal(sockets.connections, 0);
});

t.test('closing tells everybody that the box goes away', async (t) => {
  const { join, sockets, clock, dialect } = await setUp(t);
  const clients = [await join(), await join()];
  const closing = sockets.close();
  await sockets.close();
  await closing;
  for (const client of clients) t.match(await client.closed(), { code: 1001, reason: /restarting/ });
  t.equal(sockets.connections, 0);
  t.equal(clock.timers, 0);
  t.equal(dialect.happened.filter((one) => one.startsWith('closed')).length, 2);
});

t.test('a token bucket gives its burst at once and its rate for ever', (t) => {
  const limit = new RateLimit({ ratePerSecond: 2, burst: 3, nowMs: 0 });
  t.same(
    [0, 0, 0, 0].map((nowMs) => limit.take(nowMs)),
    [true, true, true, false],
  );
  t.same(
    [499, 500, 500].map((nowMs) => limit.take(nowMs)),
    [false, true, false],
  );
  t.equal(limit.isFull(1_000), false);
  t.equal(limit.isFull(2_000), true);
  t.same(
    [60_000, 60_000, 60_000, 60_000].map((nowMs) => limit.take(nowMs)),
    [true, true, true, false],
  );
  t.end();
});
