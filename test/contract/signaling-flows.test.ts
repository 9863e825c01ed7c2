import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { iceServersFor } from '#control/access/ice-servers.ts';
import { ViewerIdentity } from '#control/access/viewer-identity.ts';
import { DeviceSignaling } from '#control/dialects/device-signaling.ts';
import { ViewerSignaling } from '#control/dialects/viewer-signaling.ts';
import { Audience } from '#control/domain/audience.ts';
import type { HubStore } from '#control/domain/devices.ts';
import { WatchSessions } from '#control/domain/watch-session.ts';
import { DeviceSwitchboard } from '#control/hub/device-switchboard.ts';
import { MemoryHubStore } from '#control/hub/memory-hub-store.ts';
import { RedisHubStore } from '#control/hub/redis-hub-store.ts';
import { DialectBox, type Message, type SpokenClient } from '../support/dialect-box.ts';
import { hasRedis, TestRedis } from '../support/redis.ts';

// signaling.md: its flows between viewers and devices, over real sockets, in one hub and across two.

const offlineEgress = {
  own: true,
  online: false,
  send: () => {},
};

interface Hub {
  box: DialectBox;
  switchboard: DeviceSwitchboard;
  store: HubStore;
  sessions: WatchSessions;
  audience: Audience;
}

/** One hub process: both signaling dialects over a switchboard. */
async function startHub(t: Test, redisUrl: string | null = null): Promise<Hub> {
  const folder = await mkdtemp(join(tmpdir(), 'onair-signaling-'));
  let made: Omit<Hub, 'box'> | null = null;
  const box = await DialectBox.start(({ clock, tokens, logger, settings }) => {
    const store =
      redisUrl === null
        ? new MemoryHubStore({ path: join(folder, 'devices.json'), clock, logger })
        : new RedisHubStore({ url: redisUrl, logger });
    const audience = new Audience({ clock, max: 10 });
    const sessions = new WatchSessions({ audience, clock, newId: randomUUID });
    const own = { id: () => settings.device.id, device: offlineEgress };
    const switchboard = new DeviceSwitchboard({ store, sessions, own, nodeId: randomUUID(), clock, logger });
    const turn = { urls: ['turn:turn.example.com:3478?transport=udp'], secret: 'north' };
    const webrtc = { ...settings.webrtc, iceServers: [{ urls: 'stun:stun.example.com:3478' }], turn };
    made = { store, switchboard, sessions, audience };
    return [
      new DeviceSignaling({ switchboard, clock, logger }),
      new ViewerSignaling({
        identity: new ViewerIdentity({ tokens, settings: () => settings }),
        sessions,
        device: (id) => switchboard.find(id),
        iceServers: (turnUser) => iceServersFor(webrtc, turnUser, clock.nowMs()),
        clock,
        logger,
      }),
    ];
  });
  if (!made) throw new Error('no hub');
  const hub = { box, ...(made as Omit<Hub, 'box'>) };
  await hub.store.start();
  if (hub.store instanceof RedisHubStore) await hub.store.ready();
  await hub.switchboard.start();
  t.teardown(async () => {
    await box.close();
    await hub.switchboard.close();
    await hub.store.close();
    await rm(folder, { recursive: true, force: true });
  });
  return hub;
}

function say(client: SpokenClient, type: string, payload: object, requestId?: string): void {
  client.send({ type, request_id: requestId, ts: new Date().toISOString(), payload });
}

async function connectDevice({ box }: Hub, id: string, key: string | null): Promise<SpokenClient> {
  const client = await box.connect(
    '/ws/device',
    key === null ? {} : { headers: { authorization: `Bearer ${key}` } },
  );
  say(client, 'hello', { device_id: id });
  return client;
}

async function enrolled(hub: Hub, id = 'kitchen-cam-001'): Promise<{ device: SpokenClient; key: string }> {
  const { key } = await hub.switchboard.enroll({ id, name: 'Kitchen' });
  const device = await connectDevice(hub, id, key);
  await device.next('hello_ack');
  return { device, key };
}

async function connectViewer({ box }: Hub, viewerId = 'viewer-1', tokenFrom = box): Promise<SpokenClient> {
  const client = await box.connect('/ws/viewer');
  say(client, 'hello', { token: await tokenFrom.token(viewerId) });
  const { payload } = await client.next('hello_ack');
  if (payload.user_id !== viewerId) throw new Error(`greeted as ${payload.user_id}`);
  return client;
}

async function watch(viewer: SpokenClient, deviceId = 'kitchen-cam-001'): Promise<string> {
  say(viewer, 'watch_request', { device_id: deviceId }, 'req-001');
  const { payload } = await viewer.next('watch_ready');
  return payload.session_id;
}

const offer = { type: 'offer', sdp: 'v=0\r\no=- 123456789 2 IN IP4 127.0.0.1\r\n' };
const answer = { type: 'answer', sdp: 'v=0\r\no=- 987654321 2 IN IP4 127.0.0.1\r\n' };
const candidate = {
  candidate: 'candidate:1 1 UDP 2130706431 192.168.1.100 54321 typ host',
  sdpMid: '0',
  sdpMLineIndex: 0,
};

/** "Successful Watch Session", drawn as in the document. */
async function wholeSession(t: Test, viewer: SpokenClient, device: SpokenClient): Promise<void> {
  say(viewer, 'watch_request', { device_id: 'kitchen-cam-001' }, 'req-001');
  const ready = await viewer.next('watch_ready');
  t.equal(ready.request_id, 'req-001');
  const session_id = ready.payload.session_id;
  const request = await device.next('watch_request');
  t.match(request.payload, { session_id, user_id: 'viewer-1' });
  for (const { payload } of [ready, request]) {
    t.equal(payload.ice_servers[0].urls, 'stun:stun.example.com:3478');
    t.match(payload.ice_servers[1], { credential: /.+/, credentialType: 'password' });
  }
  const turnUser = ({ payload }: Message): string => payload.ice_servers[1].username.replace(/^\d{10}:/, '');
  t.equal(turnUser(ready), `viewer_viewer-1_${session_id}`);
  t.equal(turnUser(request), `device_${session_id}`, 'each side its own');
  say(viewer, 'signal_offer', { session_id, sdp: offer });
  t.same((await device.next('signal_offer')).payload, { session_id, sdp: offer });
  say(device, 'signal_answer', { session_id, sdp: answer });
  t.same((await viewer.next('signal_answer')).payload, { session_id, sdp: answer });
  for (const each of [candidate, null]) {
    say(viewer, 'signal_ice', { session_id, candidate: each });
    t.same((await device.next('signal_ice')).payload, { session_id, candidate: each });
    say(device, 'signal_ice', { session_id, candidate: each });
    t.same((await viewer.next('signal_ice')).payload, { session_id, candidate: each });
  }
  say(viewer, 'end_watch', { session_id });
  t.same((await device.next('watch_ended')).payload, { session_id, reason: 'user_ended' });
}

t.test('a successful watch session, in one hub', async (t) => {
  const hub = await startHub(t);
  const { device } = await enrolled(hub);
  await wholeSession(t, await connectViewer(hub), device);
  t.equal(hub.sessions.size, 0);
});

const skip = hasRedis() ? false : 'redis-server is not installed';
t.test('viewer at one hub process, device at another, over Redis', { skip }, async (t) => {
  const redis = await TestRedis.start();
  t.teardown(() => redis.close());
  const [one, two] = [await startHub(t, redis.url), await startHub(t, redis.url)];
  await one.box.parts.tokens.agree((own) => one.store.sharedKey(own));
  await two.box.parts.tokens.agree((own) => two.store.sharedKey(own));
  const { device } = await enrolled(two);
  const viewer = await connectViewer(one, 'viewer-1', two.box);
  await wholeSession(t, viewer, device);

  const session_id = await watch(viewer);
  await device.next('watch_request');
  device.socket.terminate();
  t.same((await viewer.next('watch_ended')).payload, { session_id, reason: 'device_disconnected' });
  say(viewer, 'watch_request', { device_id: 'kitchen-cam-001' }, 'again');
  t.match(await viewer.next('error'), { request_id: 'again', payload: { message: 'Device is offline' } });
});

t.test(
  'a hub process falls: its device joins another, and who watched through it is told',
  { skip },
  async (t) => {
    const redis = await TestRedis.start();
    t.teardown(() => redis.close());
    const one = await startHub(t, redis.url);
    const two = await startHub(t, redis.url);
    const three = await startHub(t, redis.url);
    await one.box.parts.tokens.agree((own) => one.store.sharedKey(own));
    await two.box.parts.tokens.agree((own) => two.store.sharedKey(own));
    const { device, key } = await enrolled(two);
    const viewer = await connectViewer(one, 'viewer-1', two.box);
    const session_id = await watch(viewer);
    await device.next('watch_request');
    await two.store.close(); // nothing is heard of it any more
    await (await connectDevice(three, 'kitchen-cam-001', key)).next('hello_ack');
    t.same((await viewer.next('watch_ended')).payload, { session_id, reason: 'device_disconnected' });
    const second = await watch(viewer);
    t.not((await one.store.session(second))?.viewerNode, undefined);
    t.not((await one.store.state('kitchen-cam-001'))?.nodeId, null, 'it is at the third');
  },
);

t.test('the record of a session that lasts is said again, that of one that is over is not', async (t) => {
  const hub = await startHub(t);
  const { device } = await enrolled(hub);
  const viewer = await connectViewer(hub);
  const session_id = await watch(viewer);
  await device.next('watch_request');
  say(device, 'signal_answer', { session_id, sdp: answer });
  await viewer.next('signal_answer');
  await hub.store.deleteSession(session_id); // its time is over
  hub.box.parts.clock.advance(40_000);
  t.match(await hub.store.session(session_id), { id: session_id, deviceId: 'kitchen-cam-001' });
  say(viewer, 'end_watch', { session_id });
  await device.next('watch_ended');
  hub.box.parts.clock.advance(40_000);
  t.equal(await hub.store.session(session_id), null);
});

t.test('device hello: unknown, no key, wrong key are closed with 1008 after it', async (t) => {
  const hub = await startHub(t);
  const { key } = await hub.switchboard.enroll({ id: 'cam', name: 'Cam' });
  for (const [id, shown, message] of [
    ['nobody', key, 'Device not found'],
    ['cam', null, 'Unauthorized'],
    ['cam', `${key}x`, 'Unauthorized'],
  ] as const) {
    const device = await connectDevice(hub, id, shown);
    t.equal((await device.next('error')).payload.message, message);
    t.equal((await device.closed()).code, 1008);
  }
  const device = await connectDevice(hub, 'cam', key);
  const ack = await device.next('hello_ack');
  t.match(ack.payload, {
    device_id: 'cam',
    server_time: new Date(hub.box.parts.clock.nowMs()).toISOString(),
  });
  say(device, 'heartbeat', {});
  t.same((await device.next('heartbeat_ack')).payload, {});
});

t.test('nothing before hello, and hello in time', async (t) => {
  const hub = await startHub(t);
  const device = await hub.box.connect('/ws/device');
  say(device, 'heartbeat', {});
  t.equal((await device.next('error')).payload.message, 'Unauthorized');
  t.equal((await device.closed()).code, 1008);
  const silent = await hub.box.connect('/ws/device');
  hub.box.parts.clock.advance(10_000);
  t.equal((await silent.closed()).code, 1008);
});

t.test('a device’s presence is kept, with what it did not tell left out', async (t) => {
  const hub = await startHub(t);
  const { device } = await enrolled(hub);
  say(device, 'device_presence', { battery: 85, temperature: 45, recording: false });
  say(device, 'device_presence', { battery: 84 });
  say(device, 'heartbeat', {});
  await device.next('heartbeat_ack');
  t.match(await hub.store.state('kitchen-cam-001'), { presence: { battery: 84 } });
  say(device, 'device_presence', { battery: 101 });
  t.match((await device.next('error')).payload.message, /battery/);
});

t.test('who watches is told when the device goes; the device when the viewer goes', async (t) => {
  const hub = await startHub(t);
  const { device, key } = await enrolled(hub);
  const viewer = await connectViewer(hub);
  const session_id = await watch(viewer);
  device.socket.terminate();
  t.same((await viewer.next('watch_ended')).payload, { session_id, reason: 'device_disconnected' });

  const back = await connectDevice(hub, 'kitchen-cam-001', key);
  await back.next('hello_ack');
  const second = await watch(viewer);
  await back.next('watch_request');
  viewer.socket.terminate();
  t.same((await back.next('watch_ended')).payload, { session_id: second, reason: 'viewer_disconnected' });
});

t.test('a session that leads nowhere ends by timeout, for both', async (t) => {
  const hub = await startHub(t);
  const { device } = await enrolled(hub);
  const viewer = await connectViewer(hub);
  const session_id = await watch(viewer);
  await device.next('watch_request');
  hub.box.parts.clock.advance(30_000);
  t.same((await device.next('watch_ended')).payload, { session_id, reason: 'timeout' });
  t.same((await viewer.next('watch_ended')).payload, { session_id, reason: 'timeout' });
});

t.test('a device that connects again takes its own place; a removed one goes', async (t) => {
  const hub = await startHub(t);
  const { device, key } = await enrolled(hub);
  const again = await connectDevice(hub, 'kitchen-cam-001', key);
  await again.next('hello_ack');
  t.equal((await device.closed()).code, 1008);
  const viewer = await connectViewer(hub);
  await watch(viewer);
  await again.next('watch_request');
  await hub.switchboard.remove('kitchen-cam-001');
  t.equal((await again.closed()).code, 1008);
  say(viewer, 'watch_request', { device_id: 'kitchen-cam-001' }, 'gone');
  t.match(await viewer.next('error'), { payload: { message: 'Device not found' } });
});

t.test('a session that was answered goes on until it is ended', async (t) => {
  const hub = await startHub(t);
  const { device } = await enrolled(hub);
  const viewer = await connectViewer(hub);
  const session_id = await watch(viewer);
  say(viewer, 'signal_offer', { session_id, sdp: offer });
  await device.next('signal_offer');
  say(device, 'signal_answer', { session_id, sdp: answer });
  await viewer.next('signal_answer');
  for (let minute = 0; minute < 10; minute += 1) {
    hub.box.parts.clock.advance(30_000);
    for (const client of [device, viewer]) {
      say(client, 'heartbeat', {});
      await client.next('heartbeat_ack');
    }
  }
  t.equal(hub.sessions.size, 1);
  say(viewer, 'end_watch', { session_id });
  t.same((await device.next('watch_ended')).payload, { session_id, reason: 'user_ended' });
});

t.test('a device that comes back before it was missed: its viewers are told, and can watch it', async (t) => {
  const hub = await startHub(t);
  const { device, key } = await enrolled(hub);
  const viewer = await connectViewer(hub);
  const session_id = await watch(viewer);
  await device.next('watch_request');
  const again = await connectDevice(hub, 'kitchen-cam-001', key);
  await again.next('hello_ack');
  t.same((await viewer.next('watch_ended')).payload, { session_id, reason: 'device_disconnected' });
  t.equal(await hub.store.session(session_id), null, 'its record is gone');
  const second = await watch(viewer);
  t.equal((await again.next('watch_request')).payload.session_id, second);
  say(viewer, 'end_watch', { session_id: second });
  t.same((await again.next('watch_ended')).payload, { session_id: second, reason: 'user_ended' });
  t.equal(await hub.store.session(second), null);
});

t.test('a device that answers a session that is none hears so, by its request’s id', async (t) => {
  const hub = await startHub(t);
  const { device } = await enrolled(hub);
  const session_id = '550e8400-e29b-41d4-a716-446655440000';
  say(device, 'signal_answer', { session_id, sdp: answer }, 'r-1');
  t.match(await device.next('error'), { request_id: 'r-1', payload: { message: 'Session not found' } });
  say(device, 'signal_ice', { session_id, candidate: null }, 'r-2');
  t.match(await device.next('error'), { request_id: 'r-2', payload: { message: 'Session not found' } });
});

t.test(
  'a viewer who is cut off for flooding: the device hears "error"; each request gets its answer',
  async (t) => {
    const hub = await startHub(t);
    const { device } = await enrolled(hub);
    const viewer = await connectViewer(hub);
    const session_id = await watch(viewer);
    await device.next('watch_request');
    for (let sent = 0; sent < 400; sent += 1) say(viewer, 'heartbeat', {}, `r-${sent}`);
    t.equal((await viewer.closed()).code, 1008);
    const answered = viewer.received.filter(({ request_id }) => request_id?.startsWith('r-'));
    const ids = answered.map(({ request_id }) => request_id);
    t.same(
      ids,
      [...ids.keys()].map((sent) => `r-${sent}`),
      'in order, none left out before the close',
    );
    t.ok(answered.some(({ type }) => type === 'error'));
    t.same((await device.next('watch_ended')).payload, { session_id, reason: 'error' });
  },
);

t.test('viewers of a device of the hub take no place in the own audience', async (t) => {
  const hub = await startHub(t);
  const { device } = await enrolled(hub);
  const viewer = await connectViewer(hub);
  await watch(viewer);
  await device.next('watch_request');
  t.equal(hub.audience.viewers, 0);
});

t.test('hello_ack is the first that a device hears, however slow the store is', async (t) => {
  const hub = await startHub(t);
  const { key } = await hub.switchboard.enroll({ id: 'kitchen-cam-001', name: 'Kitchen' });
  const setOnline = hub.store.setOnline.bind(hub.store);
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const asked = new Promise<void>((resolve) => {
    hub.store.setOnline = async (...args) => {
      resolve();
      await held;
      await setOnline(...args);
    };
  });
  const device = await connectDevice(hub, 'kitchen-cam-001', key);
  await asked;
  const viewer = await connectViewer(hub);
  say(viewer, 'watch_request', { device_id: 'kitchen-cam-001' }, 'early');
  t.match(await viewer.next('error'), { request_id: 'early', payload: { message: 'Device is offline' } });
  release();
  await device.next('hello_ack');
  await watch(viewer);
  await device.next('watch_request');
  t.same(device.types, ['hello_ack', 'watch_request']);
});

t.test('presence keeps what else a device tells, within bounds', async (t) => {
  const hub = await startHub(t);
  const { device } = await enrolled(hub);
  const presence = { battery: 85, firmware: '2.1', location: { room: 'kitchen' }, lenses: [1, 2] };
  say(device, 'device_presence', presence);
  say(device, 'device_presence', { notes: 'x'.repeat(5_000) }, 'too-long');
  t.equal((await device.next('error')).request_id, 'too-long');
  t.same((await hub.store.state('kitchen-cam-001'))?.presence, presence);
});

t.test('one device can’t speak for another’s session', async (t) => {
  const hub = await startHub(t);
  const { device } = await enrolled(hub);
  const { device: other } = await enrolled(hub, 'other-cam');
  const viewer = await connectViewer(hub);
  const session_id = await watch(viewer);
  await device.next('watch_request');
  say(other, 'signal_answer', { session_id, sdp: { type: 'answer', sdp: 'v=0 forged' } });
  say(other, 'heartbeat', {});
  await other.next('heartbeat_ack');
  say(device, 'signal_answer', { session_id, sdp: answer });
  t.same((await viewer.next('signal_answer')).payload.sdp, answer);
});
