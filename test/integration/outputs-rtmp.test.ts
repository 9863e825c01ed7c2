import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { OutputBody } from '#core/protocol/endpoints/outputs.ts';
import { Appliance } from '../support/appliance.ts';
import { decodeComplaints, packetsOf, steps } from '../support/flv-packets.ts';
import { untilOutput } from '../support/outputs.ts';
import { RtmpServer } from '../support/rtmp-server.ts';
import { freePort } from '../support/server-program.ts';
import { TcpRelay } from '../support/tcp-relay.ts';

const key = 'a-key-0123';
const small = { video: { width: 320, height: 180, bitrateKbps: 500, keyFrameIntervalSeconds: 1 } };

const add = async (box: Appliance, body: object): Promise<OutputBody> =>
  (await box.call('POST', '/api/v1/outputs', body)) as OutputBody;

/** The process that holds the encoder, as media's log names it. */
async function encoderPid(box: Appliance): Promise<number> {
  const log = await readFile(join(box.stateDirectory, 'logs', 'media.log'), 'utf8');
  const found = [...log.matchAll(/"child":(\d+)/g)].at(-1)?.[1];
  return Number(found);
}

t.test('a platform never sees the stream end, whatever dies in the box', async (t) => {
  const server = await RtmpServer.start(key);
  t.teardown(() => server.close());
  const box = await Appliance.start({ settings: { ...small, audio: { source: 'none' } } });
  t.teardown(() => box.close());
  const { id } = await add(box, { name: 'Platform', url: `rtmp://127.0.0.1:${server.port}/live/${key}` });
  t.match(await untilOutput(box, id, ({ state }) => state === 'waiting'), {
    kind: 'rtmp',
    url: `rtmp://127.0.0.1:${server.port}/live`,
    enabled: true,
    bytesSent: 0,
  });
  await box.onair('live');
  await untilOutput(box, id, ({ state, bytesSent }) => state === 'live' && bytesSent > 50_000);

  process.kill(await encoderPid(box), 'SIGKILL');
  const before = await untilOutput(box, id, ({ state }) => state === 'live');
  await untilOutput(box, id, ({ bytesSent }) => bytesSent > before.bytesSent + 100_000);
  await box.kill('media');
  const again = await untilOutput(box, id, ({ state }) => state === 'live');
  await untilOutput(box, id, ({ bytesSent }) => bytesSent > again.bytesSent + 100_000);
  await box.kill('control');
  await box.until(({ daemons }) => Object.values(daemons).every(({ up }) => up));
  const after = await untilOutput(box, id, ({ state, bytesSent }) => state === 'live' && bytesSent > 0);
  await untilOutput(box, id, ({ bytesSent }) => bytesSent > after.bytesSent + 50_000);
  t.equal(await server.publishes(), 1, 'one connection through all of it');
  await box.onair('stop');
  await untilOutput(box, id, ({ state }) => state === 'waiting');

  const [file = '', ...others] = await server.recordings();
  t.strictSame(others, [], 'and one recording');
  const packets = await packetsOf(file);
  for (const type of ['video', 'audio'] as const) {
    t.ok(packets.filter((packet) => packet.type === type).length > 100, `${type} is there`);
    t.ok(steps(packets, type).shortest > 0, `${type} never goes back`);
  }
  t.ok(steps(packets, 'audio').longest < 0.5, 'silence, since there is no microphone, without a gap');
  t.equal(packets.find(({ type }) => type === 'video')?.key, true, 'a key frame first');
  t.equal(await decodeComplaints(file), '', 'all of it decodes');
});

t.test('a cut line, a killed receiver, a killed service: it goes on where it was', async (t) => {
  const server = await RtmpServer.start(key);
  t.teardown(() => server.close());
  const relay = await TcpRelay.start(server.port);
  t.teardown(() => relay.close());
  const box = await Appliance.start({ settings: small });
  t.teardown(() => box.close());
  await box.onair('live');
  const { id } = await add(box, { name: 'Platform', url: `rtmp://127.0.0.1:${relay.port}/live`, key });
  const isLive = ({ state }: OutputBody) => state === 'live';
  await untilOutput(box, id, ({ state, bytesSent }) => state === 'live' && bytesSent > 100_000);

  await relay.cut();
  await server.kill();
  await untilOutput(box, id, ({ state }) => state === 'retrying');
  await server.run();
  await relay.restore();
  const back = await untilOutput(box, id, isLive);
  t.match(back, { reconnects: 1, reason: null });
  // More than a second's worth: the server names its files by the second.
  await untilOutput(box, id, ({ bytesSent }) => bytesSent > back.bytesSent + 200_000);
  const killed = await box.kill('outputs');
  await box.until(({ daemons }) => daemons.outputs?.up === true && daemons.outputs.pid !== killed);
  await untilOutput(box, id, ({ state, bytesSent }) => state === 'live' && bytesSent > 100_000);
  await box.call('PATCH', `/api/v1/outputs/${id}`, { enabled: false });
  await untilOutput(box, id, ({ state }) => state === 'off');

  const recordings = await server.recordings();
  t.ok(recordings.length >= 3, `one for each connection: ${recordings.length}`);
  const packets = (await Promise.all(recordings.map(packetsOf))).flat();
  for (const type of ['video', 'audio'] as const) {
    const { shortest } = steps(packets, type);
    t.ok(shortest > 0, `${type} goes on from one connection to the next (${shortest})`);
  }
});

t.test('who answers and refuses is told apart from who does not answer', async (t) => {
  const server = await RtmpServer.start(key);
  t.teardown(() => server.close());
  const box = await Appliance.start({ settings: small });
  t.teardown(() => box.close());
  const good = await add(box, { name: 'Good', url: `rtmp://127.0.0.1:${server.port}/live/${key}` });
  const secret = 'WRONG key 100% %41';
  const wrongKey = await add(box, { name: 'Key', url: `rtmp://127.0.0.1:${server.port}/live`, key: secret });
  const wrongApp = await add(box, { name: 'App', url: `rtmp://127.0.0.1:${server.port}/nothing/${key}` });
  const nobody = await add(box, { name: 'Nobody', url: `rtmp://127.0.0.1:${await freePort()}/live/${key}` });
  const name = await add(box, { name: 'Name', url: `rtmp://no-such-host.invalid/live/${key}` });
  await box.onair('live');
  // A busy machine may answer too late once; the next attempt says it.
  const stateOnce = async ({ id }: OutputBody, code: string) =>
    (await untilOutput(box, id, ({ reason }) => reason?.code === code)).state;
  t.equal(await stateOnce(wrongKey, 'key-refused'), 'failed');
  t.equal(await stateOnce(wrongApp, 'application-refused'), 'failed');
  t.equal(await stateOnce(nobody, 'nobody-listens'), 'retrying');
  t.equal(await stateOnce(name, 'name-unknown'), 'retrying');
  await untilOutput(box, good.id, ({ state, bytesSent }) => state === 'live' && bytesSent > 100_000);

  const { stdout } = await box.onair('outputs');
  t.match(stdout, /Good +live.*\n/);
  t.match(stdout, /Key +refused.*\n.*does not take this stream key/);
  const everything = [stdout, await box.logs(), JSON.stringify(await box.call('GET', '/api/v1/outputs'))];
  t.notMatch(everything.join('\n'), new RegExp(`${key}|WRONG key|WRONG%20key`), 'no key is shown anywhere');
});

t.test('a receiver that stops reading stalls nobody, and is given up', async (t) => {
  const server = await RtmpServer.start(key);
  t.teardown(() => server.close());
  const relay = await TcpRelay.start(server.port);
  t.teardown(() => relay.close());
  const box = await Appliance.start({ settings: small });
  t.teardown(() => box.close());
  const stuck = await add(box, { name: 'Stuck', url: `rtmp://127.0.0.1:${relay.port}/live/${key}` });
  await box.onair('live');
  await untilOutput(box, stuck.id, ({ state, bytesSent }) => state === 'live' && bytesSent > 50_000);
  const other = await RtmpServer.start(key);
  t.teardown(() => other.close());
  await relay.cut();
  const good = await add(box, { name: 'Good', url: `rtmp://127.0.0.1:${other.port}/live/${key}` });
  await untilOutput(box, good.id, ({ state, bytesSent }) => state === 'live' && bytesSent > 100_000);
  await box.onair('outputs', 'off', 'Good');
  await untilOutput(box, stuck.id, ({ state }) => state === 'retrying', 60_000);
  const [file = ''] = await other.recordings();
  t.ok(steps(await packetsOf(file), 'video').longest < 1, 'the other one got everything');
});
