import t from 'tap';
import type { OutputBody } from '#core/protocol/endpoints/outputs.ts';
import { Appliance } from '../support/appliance.ts';
import { untilOutput } from '../support/outputs.ts';
import { WhipServer } from '../support/whip-server.ts';

const token = 'a-token-0123';

t.test('WHIP: pictures and sound by WebRTC, with a token', async (t) => {
  const server = await WhipServer.start(token);
  t.teardown(() => server.close());
  const box = await Appliance.start({ settings: { video: { width: 320, height: 180, bitrateKbps: 500 } } });
  t.teardown(() => box.close());
  const add = async (body: object) => (await box.call('POST', '/api/v1/outputs', body)) as OutputBody;
  const good = await add({ name: 'SFU', url: server.url, key: token });
  const wrong = await add({ name: 'Wrong', url: server.url, key: 'another-token' });
  t.match(good, { kind: 'whip', url: server.url });
  await box.onair('live');
  await untilOutput(box, good.id, ({ state, bytesSent }) => state === 'live' && bytesSent > 100_000);
  t.match(await untilOutput(box, wrong.id, ({ reason }) => reason !== null), {
    state: 'failed',
    reason: { code: 'key-refused' },
  });
  t.ok(server.packets.video > 50, `${server.packets.video} packets of pictures`);
  t.ok(server.packets.audio > 25, `${server.packets.audio} packets of sound`);
  t.ok(server.nalTypes.has(24) || server.nalTypes.has(7), 'with parameter sets before a key frame');
  const steps = server.timestamps.slice(1).map((time, at) => time - (server.timestamps[at] ?? 0));
  t.ok(Math.min(...steps) >= 0, 'timestamps never go back');
  await box.onair('stop');
  await untilOutput(box, good.id, ({ state }) => state === 'waiting');
  const startedAtMs = performance.now();
  while (server.ended === 0 && performance.now() - startedAtMs < 5_000)
    await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(server.ended, 1, 'the session is ended in order');
  t.notMatch(await box.logs(), new RegExp(`${token}|another-token`), 'no token in a log');
});
