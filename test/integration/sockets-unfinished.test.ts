import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';

// Web socket messages that never end take memory: each is given 10 s, and all together a number of bytes.

t.setTimeout(240_000);

const appliance = await Appliance.start();
t.teardown(() => appliance.close());
const { ports } = await appliance.status();

const pieceBytes = 60_000;
const hello = (length: number, final: boolean, opcode: number): Buffer =>
  Buffer.concat([
    Buffer.from([(final ? 0x80 : 0) | opcode, 0x80 | 126, length >> 8, length & 0xff, 0, 0, 0, 0]),
    Buffer.alloc(length, 'a'),
  ]);

/** A web socket on `/ws/sync`, by hand. */
async function upgraded(stream: Socket): Promise<Socket> {
  stream.on('error', () => {});
  stream.write(
    'GET /ws/sync HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  const [answer] = (await once(stream, 'data')) as [Buffer];
  if (!answer.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(answer.toString('latin1'));
  stream.resume();
  return stream;
}

const plain = (localAddress: string): Promise<Socket> =>
  upgraded(connect({ host: '127.0.0.1', port: ports.http ?? 0, localAddress }));

async function secure(): Promise<Socket> {
  const origin = await appliance.origin();
  while ((await fetch(`${origin}/api/v1/certificate`)).status !== 200) await setImmediate();
  const port = (await appliance.status()).ports.https ?? 0;
  const stream = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(stream, 'secureConnect');
  return await upgraded(stream);
}

t.test('a message that is not complete after 10 s ends its connection, over TLS too', async (t) => {
  const silent = await plain('127.0.0.1');
  const streams = [await plain('127.0.0.1'), await secure()];
  for (const stream of streams) stream.write(hello(pieceBytes, false, 1));
  const dripping = setInterval(() => {
    for (const stream of streams) if (stream.writable) stream.write(hello(1, false, 0));
  }, 1_000);
  t.teardown(() => clearInterval(dripping));
  await Promise.all(streams.map((stream) => once(stream, 'close', { signal: AbortSignal.timeout(20_000) })));
  t.notOk(silent.destroyed, 'who says nothing at all keeps no memory, and stays');
  silent.destroy();
});

t.test('the address that holds most pays for it, and nobody else', async (t) => {
  const other = await plain('127.0.0.2');
  other.write(hello(pieceBytes, false, 1));
  const streams = await Promise.all(Array.from({ length: 160 }, () => plain('127.0.0.3')));
  const closed = firstClose(streams);
  for (const stream of streams)
    stream.write(Buffer.concat([hello(pieceBytes, false, 1), hello(pieceBytes, false, 0)]));
  await closed;
  const open = streams.filter(({ closed }) => !closed).length;
  t.ok(open < 160, `of 160 with 120 kB each ${open} are left at once`);
  other.write(hello(1, true, 0));
  const [answer] = (await once(other, 'data', { signal: AbortSignal.timeout(10_000) })) as [Buffer];
  t.match(answer.toString('latin1'), /"error"/, 'the message of the other has arrived, and is answered');
  for (const stream of [other, ...streams]) stream.destroy();
});

async function firstClose(streams: readonly Socket[]): Promise<void> {
  let noteClosed: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    noteClosed = resolve;
  });
  for (const stream of streams) stream.once('close', noteClosed);
  const late = AbortSignal.timeout(10_000);
  await Promise.race([closed, once(late, 'abort').then(() => t.fail('none was closed'))]);
}
