import t, { type Test } from 'tap';
import type { Connection } from '#control/sockets/connection.ts';
import { TinyDialect } from '#test/support/tiny-dialect.ts';
import { webServer } from '#test/support/web-server.ts';
import { WireClient } from '#test/support/wire-client.ts';

t.setTimeout(30_000);

const kilobytes = 100;

/** A client and the server's end of it; `flood` numbers what it sends. */
async function setUp(t: Test, backlogMessages: number) {
  const dialect = new TinyDialect({ backlogMessages });
  const { url, sockets } = await webServer(t, { dialects: [dialect] });
  const client = await WireClient.connect(`${url}/tiny/a`);
  t.teardown(() => client.close());
  const connection = dialect.connections[0] as Connection;
  let sent = 0;
  const flood = (count: number): number => {
    for (let index = 0; index < count; index += 1) {
      sent += 1;
      connection.send(`${sent} ${'x'.repeat(kilobytes * 1024)}`);
    }
    return sent;
  };
  const numbers = () => client.heard.map((text) => text.slice(0, 40).split(' x')[0]);
  return { client, connection, sockets, flood, numbers, dialect };
}

t.test('a client that reads gets everything in order', async (t) => {
  const { client, connection, flood, numbers } = await setUp(t, 1);
  for (let index = 0; index < 50; index += 1) {
    flood(1);
    await client.next();
  }
  t.same(
    numbers(),
    Array.from({ length: 50 }, (_, index) => `${index + 1}`),
  );
  t.equal(connection.dropped, 0);
});

for (const backlogMessages of [1, 5]) {
  t.test(
    `behind with a backlog of ${backlogMessages}: the newest are kept, the rest dropped and counted`,
    async (t) => {
      const { client, connection, sockets, flood, numbers } = await setUp(t, backlogMessages);
      client.socket.pause();
      const before = process.memoryUsage().rss;
      const last = flood(600);
      t.ok(connection.dropped > 100, `${connection.dropped} of ${last} dropped`);
      t.equal(sockets.droppedMessages, connection.dropped);
      const grown = (process.memoryUsage().rss - before) / 1024;
      t.ok(
        grown < 60 * kilobytes * 6,
        `${Math.round(grown / 1024)} MB for ${(last * kilobytes) / 1024} MB unread`,
      );
      const dropped = connection.dropped;
      client.socket.resume();
      let text = '';
      while (!text.startsWith(`${last} `)) text = await client.next();
      const heard = numbers();
      t.same(
        heard.slice(-backlogMessages),
        Array.from({ length: backlogMessages }, (_, index) => `${last - backlogMessages + 1 + index}`),
        'the newest come at the end, in order',
      );
      t.equal(heard.at(-backlogMessages - 1), `caught up, ${dropped} lost`, 'after the word about the gap');
      t.equal(heard.length, last - dropped + 1, 'nothing twice, nothing lost beside');
      connection.send('and on it goes');
      t.equal(await client.next(), 'and on it goes');
    },
  );
}

t.test('a client may be behind again and again', async (t) => {
  const { client, flood } = await setUp(t, 1);
  for (let round = 0; round < 3; round += 1) {
    client.socket.pause();
    const last = flood(200);
    client.socket.resume();
    let text = '';
    while (!text.startsWith(`${last} `)) text = await client.next();
    t.ok(client.heard.some((one) => one.startsWith('caught up')));
  }
});

t.test('a client that is behind and goes away leaves nothing', async (t) => {
  const { client, connection, sockets, flood, dialect } = await setUp(t, 5);
  client.socket.pause();
  flood(200);
  const dropped = connection.dropped;
  client.close();
  while (sockets.connections > 0) await new Promise((resolve) => setImmediate(resolve));
  t.equal(connection.open, false);
  flood(10);
  t.equal(sockets.droppedMessages, dropped, 'what it lost still counts, what nobody is there for does not');
  t.same(dialect.happened, ['open a', 'closed a']);
});
