import { once } from 'node:events';
import { connect as connectHttp2, constants as http2Constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import t, { type Test } from 'tap';
import { Appliance } from '../support/appliance.ts';
import { secureOf } from '../support/secure-box.ts';

// What a stranger can do to the port of HTTPS, while an honest viewer watches by HTTPS and by HTTP. Over the built bundles.

t.setTimeout(240_000);

const box = await Appliance.start({});
t.teardown(() => box.close());
await box.call('POST', '/api/v1/broadcast', {});
await box.until(({ broadcast }) => broadcast.state === 'live', 60_000);
const origin = await box.origin();
const { port, authority } = await secureOf(box);

/** The head of a ClientHello that announces more than will ever come. */
const halfHello = Buffer.from('160301020001000100fc0303', 'hex');

async function open(t: Test, first?: Buffer): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  if (first) socket.write(first);
  return socket;
}

/** Another page, a playlist by HTTP/2 over TLS, and the same by HTTP. */
async function isServed(t: Test): Promise<void> {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: authority });
  try {
    await once(session, 'connect');
    const stream = session.request({ ':path': '/hls/live.m3u8' });
    const [headers] = await once(stream, 'response');
    t.equal(headers[':status'], 200, 'by HTTPS');
    stream.close();
  } finally {
    session.destroy();
  }
  t.equal((await fetch(`${origin}/hls/live.m3u8`)).status, 200, 'by HTTP');
}

t.test('2,000 half-open handshakes keep nobody out', async (t) => {
  for (let batch = 0; batch < 20; batch += 1)
    await Promise.all(Array.from({ length: 100 }, () => open(t, halfHello)));
  await isServed(t);
  t.equal((await box.status()).broadcast.state, 'live');
});

t.test('one byte at a time, and garbage', async (t) => {
  const slow = await open(t, halfHello.subarray(0, 1));
  slow.write(halfHello.subarray(1, 2));
  for (const garbage of [
    Buffer.alloc(70_000, 0xff),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.from('16030100050100', 'hex'),
  ]) {
    const socket = await open(t, garbage);
    socket.resume();
    // The last one could still become something.
    if (garbage.length !== 7) await new Promise((resolve) => socket.once('close', resolve));
  }
  await isServed(t);
});

t.test('an older version is refused', async (t) => {
  for (const version of ['TLSv1', 'TLSv1.1'] as const) {
    const socket = connectTls({
      host: '127.0.0.1',
      port,
      minVersion: version,
      maxVersion: version,
      ciphers: 'ALL:@SECLEVEL=0',
      rejectUnauthorized: false,
    });
    const [error] = await once(socket, 'error');
    t.match(String(error), /version|alert|handshake/i, version);
  }
  const weak = connectTls({
    host: '127.0.0.1',
    port,
    maxVersion: 'TLSv1.2',
    ciphers: 'AES128-SHA',
    rejectUnauthorized: false,
  });
  t.match(String((await once(weak, 'error'))[0]), /handshake|alert/i, 'without forward secrecy');
});

t.test('renegotiation is refused, the connection ends alone', async (t) => {
  const socket = connectTls({ host: '127.0.0.1', port, maxVersion: 'TLSv1.2', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  socket.on('error', () => {});
  const refused = await new Promise<boolean>((resolve) => {
    socket.once('close', () => resolve(true));
    socket.renegotiate({}, (error) => resolve(error !== null));
  });
  t.ok(refused);
  socket.destroy();
  await isServed(t);
});

t.test("a stranger's name is shown the box's own certificate", async (t) => {
  for (const servername of ['bank.example', 'a'.repeat(63), `${'a.'.repeat(120)}example`]) {
    const socket = connectTls({ host: '127.0.0.1', port, servername, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    t.match(socket.getPeerCertificate().issuer.CN, /^Onair box/, servername.slice(0, 20));
    socket.destroy();
  }
});

t.test('streams that are opened and reset by thousands end their own connection alone', async (t) => {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: authority });
  session.on('error', () => {});
  await once(session, 'connect');
  for (let at = 0; at < 5_000 && !session.destroyed; at += 1) {
    const stream = session.request({ ':path': '/api/v1/status' });
    stream.on('error', () => {});
    stream.close(http2Constants.NGHTTP2_CANCEL);
    if (at % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await isServed(t);
  session.destroy();
  t.equal((await box.status()).broadcast.state, 'live');
});
