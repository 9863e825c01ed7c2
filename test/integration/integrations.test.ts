import { once } from 'node:events';
import { createServer } from 'node:net';
import t from 'tap';
import type { LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import { Appliance } from '../support/appliance.ts';
import { BareControl } from '../support/bare-control.ts';
import { TestBroker } from '../support/mosquitto.ts';
import { freePort } from '../support/server-program.ts';
import { isSigned, WebhookReceiver } from '../support/webhook-receiver.ts';

// Home Assistant by MQTT (Mosquitto), and webhooks, over the built bundles.

t.setTimeout(240_000);

const user = { name: 'onair', password: 'a secret' };
const small = { width: 320, height: 180, framesPerSecond: 15, bitrateKbps: 500 };

t.test('the box is a device of Home Assistant, and webhooks tell what happens', async (t) => {
  const broker = await TestBroker.start(user);
  t.teardown(() => broker.close());
  const hook = await WebhookReceiver.start(t);
  const box = await Appliance.start({ settings: { video: small } });
  t.teardown(() => box.close());
  const id = (await box.status()).device.id;
  const base = `onair/${id}`;
  const home = await broker.listen(user, '#');
  const key = Buffer.from('0123456789abcdef01234567');
  // Left by somebody: an order of another time starts nothing.
  await home.say(`${base}/live/set`, 'ON', { retain: true });
  await box.call('PATCH', '/api/v1/settings', {
    mqtt: { url: broker.url, username: user.name, password: user.password, pictureSeconds: 1 },
    webhooks: { urls: [`${hook.origin}/hook?token=abc`], secret: `whsec_${key.toString('base64')}` },
  });

  await home.until(`${base}/availability`, (said) => said === 'online');
  const read = (await box.call('GET', '/api/v1/settings')) as { mqtt: object; webhooks: object };
  t.match(read.mqtt, { password: { set: true } });
  t.match(read.webhooks, { urls: [`${hook.origin}/***`], secret: { set: true } });
  const prefix = 'homeassistant';
  const found = new Map(
    [...home.latest].filter(([topic]) => topic.startsWith(prefix)).map(([topic, text]) => [topic, text]),
  );
  const configOf = (entity: string): string =>
    found.get(`${prefix}/${entity.replace('.', `/onair_${id}/`)}/config`)?.toString() ?? '';
  for (const entity of [
    ...['camera.picture', 'switch.live', 'switch.recording'],
    ...['sensor.viewers', 'sensor.state', 'binary_sensor.problem'],
  ]) {
    t.match(JSON.parse(configOf(entity)), {
      unique_id: `onair_${id}_${entity.split('.')[1]}`,
      availability_topic: `${base}/availability`,
      device: { identifiers: [`onair_${id}`], configuration_url: /^http:.*\/studio$/ },
    });
  }
  t.equal(configOf('sensor.battery'), '', 'no battery, no entity');
  t.equal((await box.status()).broadcast.state, 'offline', 'a retained order starts nothing');

  await home.say(`${base}/live/set`, 'ON');
  await home.until(`${base}/state`, (said) => said === 'live');
  t.equal(await home.until(`${base}/live`, (said) => said === 'ON'), 'ON');
  t.ok(isSigned(await hook.until(({ body }) => body.type === 'live'), key), 'live is told, and signed');
  await home.until(`${base}/picture`, (said) => said.length > 0);
  const picture = home.latest.get(`${base}/picture`) ?? Buffer.alloc(0);
  t.same([...picture.subarray(0, 3)], [0xff, 0xd8, 0xff], 'a JPEG');

  await home.say(`${base}/recording/set`, 'ON');
  await home.until(`${base}/recording`, (said) => said === 'ON');
  const recorded = async (): Promise<number> =>
    ((await box.call('GET', '/api/v1/recording')) as { durationSeconds: number }).durationSeconds;
  while ((await recorded()) < 1) await new Promise((resolve) => setTimeout(resolve, 50));
  await home.say(`${base}/recording/set`, 'OFF');
  await home.until(`${base}/recording`, (said) => said === 'OFF');
  const complete = await hook.until(({ body }) => body.type === 'recording.complete');
  t.match(complete.body.data, { recording: { state: 'complete', clock: 'set' }, device: { id } });
  t.ok(isSigned(complete, key));

  // The will says what a control that is killed can't, and it is back by itself.
  const pid = await box.kill('control');
  await home.until(`${base}/availability`, (said) => said === 'offline');
  await home.until(`${base}/availability`, (said) => said === 'online');
  await box.until(({ daemons }) => daemons.control?.pid !== pid, 20_000);
  await home.until(`${base}/state`, (said) => said === 'live');

  await home.say(`${base}/live/set`, 'OFF');
  await home.until(`${base}/state`, (said) => said === 'offline');
  t.match((await hook.until(({ body }) => body.type === 'offline')).body.data, {
    reason: 'broadcaster_ended',
    durationSeconds: Number,
  });
  // Nothing is left behind where it is switched off.
  await box.call('PATCH', '/api/v1/settings', { mqtt: { url: null } });
  await home.until(`${prefix}/switch/onair_${id}/live/config`, (said) => said === '');
  t.notMatch(await box.logs(), /a secret|token=abc/, 'no secret is in the logs');
});

const says = (code: string) => (status: LinkStatusBody) =>
  status.problems.some((problem) => problem.code === code);

t.test('a broker that is away or refuses is told, and control serves all the same', async (t) => {
  const port = await freePort();
  const control = await BareControl.make(t, {
    mqtt: { url: `mqtt://127.0.0.1:${port}`, username: user.name, password: 'wrong' },
  });
  control.start();
  const away = await control.box.until(says('mqtt-unreachable'), 30_000);
  t.match(
    away.problems.find(({ code }) => code === 'mqtt-unreachable'),
    { message: /cannot be reached/, action: /mqtt\.url/ },
  );
  const broker = await TestBroker.start(user, port);
  t.teardown(() => broker.close());
  await control.box.until(says('mqtt-refused'), 30_000);
  await control.box.call('PATCH', '/api/v1/settings', { mqtt: { password: user.password } });
  await control.box.until((status) => status.problems.length === 0, 30_000);
  for (const [mqtt, said] of [
    [{ url: 'http://broker' }, /mqtt\.url: must be mqtt:/],
    [{ url: 'mqtt://me:secret@broker' }, /mqtt\.url: must not name a user/],
    [{ discoveryPrefix: 'home/#' }, /mqtt\.discoveryPrefix: must be a topic/],
  ] as const)
    await t.rejects(control.box.call('PATCH', '/api/v1/settings', { mqtt }), said);
  t.equal(await control.stop(), 0);
});

t.test('a hook that answers 500, never, or nothing at all holds up nobody', async (t) => {
  const hook = await WebhookReceiver.start(t);
  const silent = createServer().listen(0, '127.0.0.1'); // takes the connection and says nothing
  t.teardown(() => silent.close());
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const urls = [
    `${hook.origin}/500`,
    `${hook.origin}/never`,
    `http://127.0.0.1:${port}/`,
    `${hook.origin}/good`,
  ];
  const control = await BareControl.make(t, { webhooks: { urls, secret: 'plain text' } });
  control.start();
  await control.box.until(() => true, 30_000);
  // No media: going live fails after a while, and that is trouble.
  await control.box.call('POST', '/api/v1/broadcast');
  const trouble = await hook.until(({ path, body }) => path === '/good' && body.type === 'trouble');
  t.match(trouble.body.data, { about: 'broadcast', reason: { code: String, message: String } });
  t.ok(isSigned(trouble, Buffer.from('plain text')));
  const again = ({ path, headers }: { path: string; headers: Record<string, unknown> }): boolean =>
    path === '/500' && headers['webhook-id'] === trouble.headers['webhook-id'];
  await hook.until(({ path }) => path === '/500');
  const { problems } = await control.box.until(says('webhook-failing'), 30_000);
  t.match(
    problems.find(({ code }) => code === 'webhook-failing')?.message,
    /127\.0\.0\.1:\d+ does not take what is sent/,
  );
  while (hook.received.filter(again).length < 2)
    await hook.until((one) => again(one) && one !== hook.received.find(again));
  t.pass('it is tried again, by the same id');
  t.equal(await control.stop(), 0, 'and control ends in order while one never answers');
});
