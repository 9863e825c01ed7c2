import { once } from 'node:events';
import t, { type Test } from 'tap';
import { type ClientOptions, WebSocket } from 'ws';
import { BareControl } from '../support/bare-control.ts';
import { type Message, SpokenClient } from '../support/dialect-box.ts';
import { hasRedis, TestRedis } from '../support/redis.ts';

t.setTimeout(240_000);

const ts = '2026-01-02T03:04:05.000Z';
const skip = hasRedis() ? false : 'redis-server is not installed';

/** dist/control.js, and clients of it. */
async function started(t: Test, settings: object) {
  const control = await BareControl.make(t, settings);
  control.start();
  const { ports } = await control.box.until((status) => status.ports.http !== null, 20_000);
  const clients: SpokenClient[] = [];
  t.teardown(() => clients.forEach(({ socket }) => void socket.terminate()));
  const connect = async (path: string, options: ClientOptions = {}) => {
    const client = await SpokenClient.connect(`ws://127.0.0.1:${ports.http}${path}`, options);
    clients.push(client);
    return client;
  };
  return { control, connect, origin: `http://127.0.0.1:${ports.http}` };
}

const say = (client: SpokenClient, type: string, payload: object, request_id?: string): void =>
  client.send({ type, request_id, ts, payload });

t.test('what ships: a watch session through Redis, to its end, logged', { skip }, async (t) => {
  const redis = await TestRedis.start();
  t.teardown(() => redis.close());
  const webrtc = { turn: { urls: ['turn:turn.example.com:3478'], secret: 'north-north-north' } };
  const { control, connect, origin } = await started(t, { hub: { redisUrl: redis.url }, webrtc });
  await control.box.until(
    ({ problems }) => !problems.some(({ code }) => code === 'redis-unreachable'),
    20_000,
  );
  const { key } = (await control.box.call('POST', '/api/v1/devices', { id: 'cam', name: 'Cam' })) as {
    key: string;
  };
  const device = await connect('/ws/device', { headers: { authorization: `Bearer ${key}` } });
  say(device, 'hello', { device_id: 'cam' });
  await device.next('hello_ack');
  const streamId = '6c9ff6a6-2f65-4d5a-9d1b-6c8d6d6f0a11';
  const issued = await fetch(`${origin}/api/v1/streams/${streamId}/tokens`, { method: 'POST' });
  const { token, viewerId } = (await issued.json()) as { token: string; viewerId: string };
  const viewer = await connect('/ws/viewer');
  say(viewer, 'hello', { token });
  await viewer.next('hello_ack');
  say(viewer, 'watch_request', { device_id: 'cam' }, 'req-001');
  const ready = await viewer.next('watch_ready');
  const { session_id } = ready.payload;
  const turnUser = ({ payload }: Message): string => payload.ice_servers.at(-1).username.replace(/^\d+:/, '');
  t.equal(turnUser(ready), `viewer_${viewerId}_${session_id}`);
  t.equal(turnUser(await device.next('watch_request')), `device_${session_id}`);
  say(viewer, 'end_watch', { session_id });
  t.same((await device.next('watch_ended')).payload, { session_id, reason: 'user_ended' });
  say(device, 'signal_answer', { session_id, sdp: { type: 'answer', sdp: 'v=0' } }, 'late');
  t.match(await device.next('error'), { request_id: 'late', payload: { message: 'Session not found' } });
  t.match(control.printed, /a watch session has begun/);
  t.match(control.printed, /a watch session has ended/);
});

t.test('what ships: members hear SESSION_CLOSED before a restart closes their sockets', async (t) => {
  const { control, connect } = await started(t, {});
  const member = await connect('/ws/session');
  const deviceInfo = { id: 'phone', name: 'Phone', type: 'client' };
  member.send({ type: 'join', timestamp: 1, sessionId: 'main', deviceInfo });
  await member.next('member_list');
  const lancast = await connect('/ws');
  await lancast.next('status');
  const closed = once(lancast.socket, 'close');
  t.equal(await control.stop(), 0);
  await member.next('session_closed');
  t.same(await member.closed(), { code: 1000, reason: 'closed' });
  t.equal((await closed)[0], 1001);
  t.equal(lancast.socket.readyState, WebSocket.CLOSED);
});

t.test('what ships: names and chat are trimmed, visible, and turn nothing around', async (t) => {
  const { connect, origin } = await started(t, {});
  const peer = await connect('/ws/sync');
  const send = (type: string, payload: object): void => peer.send({ v: 1, type, payload });
  const join = (displayName: string): void =>
    send('room/join', { roomId: 'main', client: { userId: 'kim', displayName } });
  for (const name of ['   ', '\u3164', 'a\u202eb', 'a\u0085b', '\ud800']) {
    join(name);
    t.match(await peer.next('error'), { payload: { code: 'bad_request' } }, JSON.stringify(name));
  }
  join('  Kim ');
  t.match(await peer.next('room/joined'), { payload: { you: { displayName: 'Kim' } } });
  for (const text of ['  ', '\u200b', 'a\u202eb', 'a\u009bb', '\udc00', ' one\ntwo '])
    send('chat/send', { roomId: 'main', text });
  t.match(await peer.next('chat/message'), { payload: { text: 'one\ntwo' } }, 'the first that is heard');

  const member = await connect('/ws/session');
  const deviceInfo = { id: 'phone', name: ' \u202e ', type: 'client' };
  member.send({ type: 'join', timestamp: 1, sessionId: 'main', deviceInfo });
  t.match(await member.next('error'), { code: 'invalid_message' });

  const paired = await fetch(`${origin}/api/v1/pairing`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ name: 'a\u202eb', code: '123456' }),
  });
  t.match(await paired.json(), { status: 400, code: 'invalid-message', title: /name: must not contain/ });
});
