import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import type { OutputBody } from '#core/protocol/endpoints/outputs.ts';
import { Appliance } from '../support/appliance.ts';
import { decodeComplaints, packetsOf, steps } from '../support/flv-packets.ts';
import { untilOutput } from '../support/outputs.ts';
import { freePort } from '../support/server-program.ts';

const run = promisify(execFile);
const passphrase = 'a-passphrase-of-SRT';
const small = { video: { width: 320, height: 180, bitrateKbps: 500 } };

/** Debian's SRT tool as a receiver into a file; it ends with its connection. */
async function srtReceiver(t: Test): Promise<{ port: number; file: string; ended: Promise<unknown> }> {
  const folder = await mkdtemp(join(tmpdir(), 'onair-srt-'));
  const port = await freePort();
  const file = join(folder, 'received.ts');
  const address = `srt://127.0.0.1:${port}?mode=listener&passphrase=${passphrase}`;
  const output = await open(file, 'w');
  const child = spawn('srt-live-transmit', ['-q', '-a:no', address, 'file://con'], {
    stdio: ['ignore', output.fd, 'ignore'],
  });
  const ended = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGTERM');
    await ended;
    await output.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { port, file, ended };
}

const add = async (box: Appliance, body: object): Promise<OutputBody> =>
  (await box.call('POST', '/api/v1/outputs', body)) as OutputBody;

t.test('SRT: a caller with a passphrase; a wrong one is told as that', async (t) => {
  const receiver = await srtReceiver(t);
  const other = await srtReceiver(t);
  const box = await Appliance.start({ settings: small });
  t.teardown(() => box.close());
  const good = await add(box, {
    name: 'SRT',
    url: `srt://127.0.0.1:${receiver.port}?latency=120`,
    key: passphrase,
  });
  t.equal(good.url, `srt://127.0.0.1:${receiver.port}?latency=120`);
  const wrong = await add(box, {
    name: 'Wrong',
    url: `srt://127.0.0.1:${other.port}`,
    key: 'another passphrase',
  });
  const nobody = await add(box, { name: 'Nobody', url: `srt://127.0.0.1:${await freePort()}` });
  await box.onair('live');
  await untilOutput(box, good.id, ({ state, bytesSent }) => state === 'live' && bytesSent > 250_000);
  t.match(await untilOutput(box, wrong.id, ({ reason }) => reason !== null), {
    state: 'failed',
    reason: { code: 'passphrase-refused' },
  });
  t.match(await untilOutput(box, nobody.id, ({ reason }) => reason !== null), {
    state: 'retrying',
    reason: { code: 'no-answer' },
  });
  await box.onair('stop');
  await receiver.ended;
  const packets = await packetsOf(receiver.file);
  for (const type of ['video', 'audio'] as const) {
    t.ok(
      packets.some((packet) => packet.type === type),
      `${type} is there`,
    );
    t.ok(steps(packets, type).shortest > 0, `${type} never goes back`);
  }
  t.equal(await decodeComplaints(receiver.file), '');
  t.notMatch(await box.logs(), new RegExp(passphrase), 'no passphrase in a log');
});

t.test('RTMPS: nothing is sent to who can not prove its name', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'onair-tls-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', keyFile, '-out', certificateFile, '-days', '2', '-subj', '/CN=other.example'],
  ]);
  let received = 0;
  const server = createServer(
    { key: await readFile(keyFile), cert: await readFile(certificateFile) },
    (socket) => {
      socket.on('data', (chunk) => {
        received += chunk.length;
      });
      socket.on('error', () => {});
    },
  );
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const box = await Appliance.start({ settings: small });
  t.teardown(() => box.close());
  const { id } = await add(box, { name: 'TLS', url: `rtmps://localhost:${port}/live`, key: 'a-key-0123' });
  await box.onair('live');
  t.match(await untilOutput(box, id, ({ reason }) => reason !== null), {
    state: 'failed',
    reason: { code: 'certificate-invalid' },
  });
  t.equal(received, 0, 'not one byte, least of all the key');
});
