import { randomUUID } from 'node:crypto';
import t, { type Test } from 'tap';
import { Loudsync } from '#control/dialects/loudsync/loudsync.ts';
import { Rooms } from '#control/domain/rooms.ts';
import { serverToClient } from '#core/protocol/loudsync.ts';
import { sameSecret } from '#core/runtime/same-secret.ts';
import { DialectBox, type Message, type SpokenClient } from '../support/dialect-box.ts';
import { startMs } from '../support/driven-clock.ts';

// loudsync.md: each flow it draws, each row of its tables, over a real socket.

async function start(t: Test) {
  let rooms: Rooms | null = null;
  const box = await DialectBox.start(({ clock, identity, settings }) => {
    const deviceId = settings.device.id;
    rooms = new Rooms({
      clock,
      newId: randomUUID,
      sameSecret,
      deviceId,
      deviceName: () => settings.device.name,
    });
    return [new Loudsync({ rooms, identity, clock })];
  });
  t.teardown(() => box.close());
  if (!rooms) throw new Error('no rooms');
  return { box, rooms: rooms as Rooms, clock: box.parts.clock };
}

function join(client: SpokenClient, id: string, more: object = {}, sessionId = 'main'): void {
  const deviceInfo = { id, name: `Name of ${id}`, type: 'client', ...more };
  client.send({ type: 'join', timestamp: startMs, sessionId, deviceInfo });
}

async function joined(box: DialectBox, id: string, sessionId = 'main'): Promise<SpokenClient> {
  const client = await box.connect('/ws/session');
  join(client, id, {}, sessionId);
  await client.next('member_list');
  return client;
}

const beat = { type: 'heartbeat', timestamp: startMs };

t.test('successful join: welcome, member list, member_joined to the others', async (t) => {
  const { box } = await start(t);
  const first = await joined(box, 'one');
  const second = await box.connect('/ws/session');
  join(second, 'two');
  const welcome = await second.next('welcome');
  t.match(welcome.sessionInfo, { id: 'main', name: 'Onair', hostId: 'box-1' });
  t.equal(welcome.timestamp, startMs);
  const { members } = await second.next('member_list');
  t.same(
    members.map(({ name }: { name: string }) => name),
    ['Name of one', 'Name of two'],
  );
  const news = await first.next('member_joined');
  t.match(news.member, {
    id: welcome.clientId,
    isHost: false,
    connectionStatus: 'connected',
    joinedAt: startMs,
  });
  t.notOk(second.types.includes('member_joined'), 'who joins is not told of itself');
  t.not(welcome.clientId, 'two', 'the id that all see does not tell the device id');
  for (const message of [...first.received, ...second.received]) serverToClient.parse(message);
});

t.test('graceful leave: the socket closes, the others hear "left"', async (t) => {
  const { box, rooms } = await start(t);
  const [stays, goes] = [await joined(box, 'stays'), await joined(box, 'goes')];
  const { member } = await stays.next('member_joined');
  goes.send({ type: 'leave', timestamp: startMs, reason: 'User exited session' });
  t.equal((await goes.closed()).code, 1000);
  t.match(await stays.next('member_left'), { memberId: member.id, reason: 'left' });
  t.equal(rooms.find('main').members.length, 1);
});

t.test('no heartbeat for 15 s: closed, and "timeout" for the others', async (t) => {
  const { box, clock } = await start(t);
  const [alive, silent] = [await joined(box, 'alive'), await joined(box, 'silent')];
  await alive.next('member_joined');
  clock.advance(10_000);
  alive.send(beat);
  silent.send({ type: 'ping', timestamp: 7 });
  alive.send({ type: 'ping', timestamp: 8 });
  await Promise.all([alive.next('pong'), silent.next('pong')]); // a ping is no heartbeat
  clock.advance(4_999);
  t.equal(silent.socket.readyState, 1, 'not before 15 s');
  clock.advance(1);
  t.match(await alive.next('member_left'), { reason: 'timeout' });
  await silent.closed();
  t.equal(alive.socket.readyState, 1);
});

t.test('ping is answered at once with the same timestamp, heartbeat not at all', async (t) => {
  const { box } = await start(t);
  const client = await joined(box, 'one');
  client.send(beat);
  client.send({ type: 'ping', timestamp: 1706889650000 });
  t.same(await client.next('pong'), { type: 'pong', timestamp: 1706889650000 });
  t.same(client.types, ['welcome', 'member_list', 'pong']);
});

t.test('a lost connection shows as reconnecting, and comes back under its id', async (t) => {
  const { box, clock } = await start(t);
  const [stays, drops] = [await joined(box, 'stays'), await joined(box, 'drops')];
  const { member } = await stays.next('member_joined');
  drops.socket.terminate();
  const shown = await stays.next('member_list');
  t.match(
    shown.members.find(({ id }: { id: string }) => id === member.id),
    { connectionStatus: 'reconnecting' },
  );
  clock.advance(6_000);
  const back = await box.connect('/ws/session');
  join(back, 'drops');
  t.equal((await back.next('welcome')).clientId, member.id);
  const again = await stays.next('member_list');
  t.match(
    again.members.find(({ id }: { id: string }) => id === member.id),
    { connectionStatus: 'connected' },
  );
  clock.advance(9_500);
  t.notOk(stays.types.includes('member_left'), 'it has not left meanwhile');
});

t.test('a lost connection that stays away has left by timeout', async (t) => {
  const { box, clock } = await start(t);
  const [stays, drops] = [await joined(box, 'stays'), await joined(box, 'drops')];
  await stays.next('member_joined');
  drops.socket.terminate();
  await stays.next('member_list');
  stays.send(beat);
  stays.send({ type: 'ping', timestamp: 1 });
  await stays.next('pong');
  clock.advance(14_999);
  t.notOk(stays.types.includes('member_left'));
  stays.send(beat);
  stays.send({ type: 'ping', timestamp: 1 });
  await stays.next('pong');
  clock.advance(1);
  t.match(await stays.next('member_left'), { reason: 'timeout' });
});

t.test('already joined: the old connection is told and goes, the new one is in', async (t) => {
  const { box, rooms } = await start(t);
  const old = await joined(box, 'same');
  const fresh = await joined(box, 'same');
  t.match(await old.next('error'), { code: 'already_joined' });
  await old.closed();
  fresh.send({ type: 'ping', timestamp: 5 });
  await fresh.next('pong');
  t.equal(rooms.find('main').members.length, 1);
  t.equal(rooms.find('main').members[0]?.status, 'connected');
});

t.test('kick and close reach whom they concern', async (t) => {
  const { box, rooms } = await start(t);
  const { room } = rooms.create({ name: 'Party', maxMembers: 10 });
  const [stays, goes] = [await joined(box, 'stays', room.id), await joined(box, 'goes', room.id)];
  const { member } = await stays.next('member_joined');
  room.kick(member.id, 'Host removed you from the session');
  t.match(await goes.next('kicked'), { reason: 'Host removed you from the session' });
  await goes.closed();
  t.match(await stays.next('member_left'), { memberId: member.id, reason: 'kicked' });
  const again = await box.connect('/ws/session');
  join(again, 'goes', {}, room.id);
  t.match(await again.next('error'), { code: 'unauthorized' }, 'the same device stays out');
  rooms.close(room.id, 'Host ended the session');
  t.match(await stays.next('session_closed'), { reason: 'Host ended the session' });
  await stays.closed();
  t.throws(() => rooms.find(room.id));
});

t.test('error codes', async (t) => {
  const { box, rooms } = await start(t);
  const { room, hostToken } = rooms.create({ name: 'Small', maxMembers: 2 });
  const client = await box.connect('/ws/session');
  const refusal = async () => await client.next('error');

  join(client, 'x', {}, 'no-such-session');
  t.match(await refusal(), { code: 'session_not_found' });
  client.send('{"type":');
  t.match(await refusal(), { code: 'invalid_message' });
  client.send({ type: 'join', timestamp: startMs });
  t.match(await refusal(), { code: 'invalid_message' });
  client.send({ type: 'ping', timestamp: startMs });
  t.match(await refusal(), { code: 'unauthorized' }, 'nothing before join');
  join(client, 'x', { type: 'host' }, room.id);
  t.match(await refusal(), { code: 'unauthorized' }, 'a host without proof');
  client.send({
    type: 'join',
    timestamp: 1,
    sessionId: 'main',
    version: '2.0',
    deviceInfo: { id: 'x', name: 'X', type: 'client' },
  });
  t.match(await refusal(), { code: 'version_mismatch' });

  await joined(box, 'one', room.id);
  await joined(box, 'two', room.id);
  join(client, 'three', {}, room.id);
  t.match(await refusal(), { code: 'session_full', details: { maxMembers: 2, currentMembers: 2 } });
  join(client, 'x', {}, 'main');
  await client.next('welcome');
  join(client, 'x', {}, 'main');
  t.match(await refusal(), { code: 'already_joined' }, 'a second join on one connection');

  const { room: other, hostToken: otherToken } = rooms.create({ name: 'Other', maxMembers: 5 });
  t.not(hostToken, otherToken);
  const host = await box.connect('/ws/session', { headers: { authorization: `Bearer ${otherToken}` } });
  join(host, 'h', { type: 'host' }, other.id);
  t.equal((await host.next('welcome')).clientId, other.hostId, 'the host token proves the host');
  t.match((await host.next('member_list')).members, [{ isHost: true }]);
});

t.test('a minor version and its absence are fine; the list comes when asked for', async (t) => {
  const { box } = await start(t);
  const client = await box.connect('/ws/session');
  client.send({
    type: 'join',
    timestamp: 1,
    sessionId: 'main',
    version: '1.7',
    deviceInfo: { id: 'x', name: 'X', type: 'client' },
  });
  await client.next('member_list');
  client.send({ type: 'member_list', timestamp: 2 });
  t.equal((await client.next('member_list')).members.length, 1);
});

t.test('who never joins is closed', async (t) => {
  const { box, clock } = await start(t);
  const client = await box.connect('/ws/session');
  clock.advance(15_000);
  t.equal((await client.closed()).code, 1008);
});

t.test('a Bearer that proves nothing lets nobody past the PIN', async (t) => {
  const { box, rooms } = await start(t);
  Object.assign(box.parts.settings.viewing, { access: 'pin', pin: '1234' });
  const { room, hostToken } = rooms.create({ name: 'Party', maxMembers: 5 });
  const guess = await box.connect('/ws/session', { headers: { authorization: 'Bearer anything' } });
  join(guess, 'x');
  t.match(await guess.next('error'), { code: 'unauthorized' });
  join(guess, 'x', {}, room.id);
  t.match(await guess.next('error'), { code: 'unauthorized' });
  await t.rejects(box.connect('/ws/session'), /401/);
  const host = await box.connect('/ws/session', { headers: { authorization: `Bearer ${hostToken}` } });
  join(host, 'h', { type: 'host' });
  t.match(await host.next('error'), { code: 'unauthorized' }, 'not for another session');
  join(host, 'h', { type: 'host' }, room.id);
  await host.next('welcome');
});

t.test('who joins is welcomed and has the list before the others hear of it', async (t) => {
  const { rooms } = await start(t);
  const room = rooms.find('main');
  const order: string[] = [];
  room.events.on('memberJoined', () => void order.push('member_joined'));
  room.join({ id: 'x', name: 'X', way: 'loudsync', isHost: false }, () => void order.push('welcome'));
  t.same(order, ['welcome', 'member_joined']);
});

t.test('a connection that is closed without LEAVE shows as disconnected, and may come back', async (t) => {
  const { box } = await start(t);
  const [stays, goes] = [await joined(box, 'stays'), await joined(box, 'goes')];
  const { member } = await stays.next('member_joined');
  const statusOf = ({ members }: Message): string =>
    members.find(({ id }: { id: string }) => id === member.id)?.connectionStatus;
  goes.socket.close(1001);
  t.equal(statusOf(await stays.next('member_list')), 'disconnected');
  await joined(box, 'goes');
  t.equal(statusOf(await stays.next('member_list')), 'connected');
});

t.test('what is no web socket message ends the membership with "error"', async (t) => {
  const { box } = await start(t);
  const [stays, breaks] = [await joined(box, 'stays'), await joined(box, 'breaks')];
  const { member } = await stays.next('member_joined');
  breaks.send('x'.repeat(17 * 1024));
  t.equal((await breaks.closed()).code, 1009);
  t.match(await stays.next('member_left'), { memberId: member.id, reason: 'error' });
});

t.test(
  'too many messages: unauthorized each, then KICKED, and the others hear "kicked" at once',
  async (t) => {
    const { box } = await start(t);
    const [stays, floods] = [await joined(box, 'stays'), await joined(box, 'floods')];
    const { member } = await stays.next('member_joined');
    for (let sent = 0; sent < 120; sent += 1) floods.send({ type: 'ping', timestamp: sent });
    t.equal((await floods.closed()).code, 1008);
    const errors = floods.received.filter(({ type }) => type === 'error');
    t.equal(errors.length, 50, 'each message that was not read has its answer');
    t.ok(errors.every(({ code }) => code === 'unauthorized'));
    t.match(floods.received.at(-1), { type: 'kicked', reason: 'Too many messages' });
    t.match(await stays.next('member_left'), { memberId: member.id, reason: 'kicked' });
  },
);

t.test('whose right ends hears KICKED, and the others hear it at once', async (t) => {
  const { box, rooms } = await start(t);
  const { room, hostToken } = rooms.create({ name: 'Party', maxMembers: 10 });
  const host = await box.connect('/ws/session', { headers: { authorization: `Bearer ${hostToken}` } });
  join(host, 'laptop', { type: 'host' }, room.id);
  await host.next('welcome');
  const guest = await joined(box, 'guest', room.id);
  const { member } = await host.next('member_joined');
  Object.assign(box.parts.settings.viewing, { access: 'pin', pin: '4711' });
  box.admissions.review();
  t.match(await guest.next('kicked'), { reason: 'You may no longer watch' });
  t.equal((await guest.closed()).code, 1008);
  t.match(await host.next('member_left'), { memberId: member.id, reason: 'kicked' });
});

t.test('one device is in a session once, as host or as client', async (t) => {
  const { box, rooms } = await start(t);
  const { room, hostToken } = rooms.create({ name: 'Party', maxMembers: 10 });
  const asClient = await joined(box, 'laptop', room.id);
  const asHost = await box.connect('/ws/session', { headers: { authorization: `Bearer ${hostToken}` } });
  join(asHost, 'laptop', { type: 'host' }, room.id);
  await asHost.next('welcome');
  t.match(await asClient.next('error'), { code: 'already_joined' });
  await asClient.closed();
  await asHost.next('member_left');
  t.same(
    room.members.map(({ id }) => id),
    [room.hostId],
  );
  const again = await box.connect('/ws/session');
  join(again, 'laptop', {}, room.id);
  t.match(await again.next('error'), { code: 'already_joined' }, 'a client does not displace the host');
  t.same(
    room.members.map(({ id }) => id),
    [room.hostId],
  );
});

t.test('a device whose connection broke comes back in the other part, and is there once', async (t) => {
  const { box, rooms } = await start(t);
  const { room, hostToken } = rooms.create({ name: 'Party', maxMembers: 2 });
  const others = await joined(box, 'others', room.id);
  const asHost = await box.connect('/ws/session', { headers: { authorization: `Bearer ${hostToken}` } });
  join(asHost, 'laptop', { type: 'host' }, room.id);
  await asHost.next('welcome');
  await others.next('member_joined');
  asHost.socket.terminate();
  t.match(await others.next('member_list'), { members: [{}, { connectionStatus: 'reconnecting' }] });
  const asClient = await joined(box, 'laptop', room.id);
  const { member } = await others.next('member_joined');
  t.match(await others.next('member_left'), { memberId: room.hostId, reason: 'left' });
  t.equal(room.members.length, 2, 'it has its own place, in a session that is full');
  asClient.socket.terminate();
  await others.next('member_list');
  const again = await box.connect('/ws/session', { headers: { authorization: `Bearer ${hostToken}` } });
  join(again, 'laptop', { type: 'host' }, room.id);
  await again.next('welcome');
  t.match(await others.next('member_left'), { memberId: member.id, reason: 'left' });
  t.same(
    room.members.map(({ name, isHost }) => [name, isHost]),
    [
      ['Name of others', false],
      ['Name of laptop', true],
    ],
  );
});

t.test('latency is measured every 5 s', async (t) => {
  const { box, clock } = await start(t);
  const client = await joined(box, 'one');
  let pings = 0;
  client.socket.on('ping', () => {
    pings += 1;
  });
  for (let second = 1; second <= 14; second += 1) {
    clock.advance(1_000);
    client.send(beat);
    client.send({ type: 'ping', timestamp: second });
    await client.next('pong');
  }
  for (let second = 15; second <= 30; second += 1) {
    clock.advance(1_000);
    client.send(beat);
    client.send({ type: 'ping', timestamp: second });
    await client.next('pong');
  }
  t.equal(pings, 6);
});
