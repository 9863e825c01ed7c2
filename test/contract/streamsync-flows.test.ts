import { randomUUID } from 'node:crypto';
import t, { type Test } from 'tap';
import { ViewerIdentity } from '#control/access/viewer-identity.ts';
import { Loudsync } from '#control/dialects/loudsync/loudsync.ts';
import { StreamSync } from '#control/dialects/streamsync/streamsync.ts';
import { Rooms } from '#control/domain/rooms.ts';
import { serverToClient } from '#core/protocol/streamsync.ts';
import { sameSecret } from '#core/runtime/same-secret.ts';
import { DialectBox, type SpokenClient } from '../support/dialect-box.ts';
import { startMs } from '../support/driven-clock.ts';

// streamsync.md, each message and each code, over a real socket.

async function start(t: Test) {
  let rooms: Rooms | null = null;
  const box = await DialectBox.start(({ clock, tokens, settings }) => {
    const operatorOf = ({ headers }: { headers: object }) => ('x-operator' in headers ? { id: 'kim' } : null);
    const identity = new ViewerIdentity({ tokens, settings: () => settings, operatorOf });
    const deviceId = settings.device.id;
    rooms = new Rooms({
      clock,
      newId: randomUUID,
      sameSecret,
      deviceId,
      deviceName: () => settings.device.name,
    });
    return [new StreamSync({ rooms, identity, clock }), new Loudsync({ rooms, identity, clock })];
  });
  t.teardown(() => box.close());
  if (!rooms) throw new Error('no rooms');
  return { box, rooms: rooms as Rooms, clock: box.parts.clock };
}

let requests = 0;
function ask(client: SpokenClient, type: string, payload: object): string {
  requests += 1;
  const requestId = `r-${requests}`;
  client.send({ v: 1, type, requestId, payload });
  return requestId;
}

/** Joins, and waits for the acknowledgement. */
async function enter(box: DialectBox, userId: string, more: { roomId?: string; hostToken?: string } = {}) {
  const client = await box.connect('/ws/sync');
  const { roomId = 'main', hostToken } = more;
  const identity = { userId, displayName: userId.toUpperCase(), ...(hostToken ? { hostToken } : {}) };
  ask(client, 'room/join', { roomId, client: identity });
  await client.next('ack');
  return client;
}

async function refused(client: SpokenClient, requestId: string): Promise<string> {
  const { payload } = await client.next('error');
  if (payload.requestId !== requestId)
    throw new Error(`error answers ${payload.requestId}, not ${requestId}`);
  return payload.code;
}

t.test('hello at once; join, joined, peer_joined, peer_left', async (t) => {
  const { box } = await start(t);
  const ada = await box.connect('/ws/sync');
  t.same((await ada.next('server/hello')).payload, { v: 1, nowMs: startMs });
  const requestId = ask(ada, 'room/join', { roomId: 'main', client: { userId: 'ada', displayName: 'Ada' } });
  t.same((await ada.next('room/joined')).payload, {
    roomId: 'main',
    you: { userId: 'ada', displayName: 'Ada' },
    peers: [],
  });
  t.same((await ada.next('ack')).payload, { requestId });
  const bob = await enter(box, 'bob');
  t.same((await ada.next('room/peer_joined')).payload, {
    roomId: 'main',
    peer: { userId: 'bob', displayName: 'BOB' },
  });
  ask(bob, 'room/leave', { roomId: 'main' });
  await bob.next('ack');
  t.same((await ada.next('room/peer_left')).payload, { roomId: 'main', userId: 'bob' });
  const carl = await enter(box, 'carl');
  await ada.next('room/peer_joined');
  carl.socket.terminate();
  t.same(
    (await ada.next('room/peer_left')).payload,
    { roomId: 'main', userId: 'carl' },
    'also without a word',
  );
  for (const message of [...ada.received, ...bob.received]) serverToClient.parse(message);
});

t.test('chat reaches everybody in the room, with the server time', async (t) => {
  const { box, clock } = await start(t);
  const [ada, bob] = [await enter(box, 'ada'), await enter(box, 'bob')];
  clock.advance(1_500);
  ask(ada, 'chat/send', { roomId: 'main', text: 'Hello <b>you</b>' });
  for (const client of [ada, bob]) {
    t.same((await client.next('chat/message')).payload, {
      roomId: 'main',
      from: { userId: 'ada', displayName: 'ADA' },
      text: 'Hello <b>you</b>',
      tsMs: startMs + 1_500,
    });
  }
});

t.test('what was said can be taken back, and who said it be kept out, gone or not', async (t) => {
  const { box, rooms } = await start(t);
  const room = rooms.find('main');
  const [ada, bob] = [await enter(box, 'ada'), await enter(box, 'bob')];
  const said = async (client: SpokenClient, text: string): Promise<number> => {
    ask(client, 'chat/send', { roomId: 'main', text });
    return (await ada.next('chat/message')).payload.tsMs;
  };
  const first = await said(bob, 'one');
  const second = await said(bob, 'two');
  t.ok(second > first, 'no two have the same time');
  room.deleteMessage(first);
  t.same((await ada.next('chat/deleted')).payload, { roomId: 'main', tsMs: first });
  t.throws(() => room.deleteMessage(first), { code: 'not-found' }, 'once');
  const fromBox = room.sayAsHost('Welcome');
  t.same((await ada.next('chat/message')).payload.from, { userId: room.hostId, displayName: room.name });
  t.throws(() => room.banAuthor(fromBox.tsMs, 'no'), { code: 'forbidden' });
  bob.socket.terminate();
  await ada.next('room/peer_left');
  room.banAuthor(second, 'enough');
  t.same((await ada.next('chat/deleted')).payload, { roomId: 'main', tsMs: second });
  t.same(
    room.messages.map(({ text }) => text),
    ['Welcome'],
  );
  const again = await box.connect('/ws/sync');
  const join = (): string =>
    ask(again, 'room/join', { roomId: 'main', client: { userId: 'bob', displayName: 'B' } });
  t.equal(await refused(again, join()), 'unauthorized', 'out, though it had left by itself');
  rooms.pardonAll();
  join();
  await again.next('room/joined');
});

t.test(
  'who is here longest has authority; it passes on when they go; late joiners get the state',
  async (t) => {
    const { box } = await start(t);
    const [ada, bob] = [await enter(box, 'ada'), await enter(box, 'bob')];
    ask(ada, 'watch/set_content', { roomId: 'main', contentId: 'live', meta: { title: 'The camera' } });
    t.same((await bob.next('watch/content')).payload, {
      roomId: 'main',
      contentId: 'live',
      meta: { title: 'The camera' },
    });
    const state = { playing: true, positionSec: 12.5, hostTsMs: startMs - 500, contentId: 'live' };
    ask(ada, 'watch/playback_state', { roomId: 'main', state, authoritative: true });
    const playback = { roomId: 'main', state, serverTsMs: startMs, fromUserId: 'ada' };
    t.same((await bob.next('watch/playback_state')).payload, playback);

    t.equal(await refused(bob, ask(bob, 'watch/playback_state', { roomId: 'main', state })), 'unauthorized');
    t.equal(
      await refused(bob, ask(bob, 'watch/set_content', { roomId: 'main', contentId: 'other' })),
      'unauthorized',
    );

    const late = await enter(box, 'late');
    t.same(late.types.slice(0, 4), ['server/hello', 'room/joined', 'watch/content', 'watch/playback_state']);
    t.same(late.received[3]?.payload, playback);

    ask(ada, 'room/leave', { roomId: 'main' });
    await bob.next('room/peer_left');
    ask(bob, 'watch/set_content', { roomId: 'main', contentId: 'other' });
    t.same((await late.next('watch/content')).payload, { roomId: 'main', contentId: 'other' });
  },
);

t.test('the creator has authority whenever present', async (t) => {
  const { box, rooms } = await start(t);
  const { room, hostToken } = rooms.create({ name: 'Film night', maxMembers: 5 });
  const roomId = room.id;
  const early = await enter(box, 'early', { roomId });
  ask(early, 'watch/set_content', { roomId, contentId: 'a' });
  await early.next('watch/content');
  const host = await enter(box, 'host', { roomId, hostToken });
  t.equal(await refused(early, ask(early, 'watch/set_content', { roomId, contentId: 'b' })), 'unauthorized');
  ask(host, 'watch/set_content', { roomId, contentId: 'c' });
  t.equal((await early.next('watch/content')).payload.contentId, 'c');
});

t.test('WebRTC relay goes to one peer, with its sender', async (t) => {
  const { box } = await start(t);
  const [ada, bob, carl] = [await enter(box, 'ada'), await enter(box, 'bob'), await enter(box, 'carl')];
  ask(ada, 'webrtc/offer', { roomId: 'main', toUserId: 'bob', sdp: 'v=0\r\n' });
  t.same((await bob.next('webrtc/offer')).payload, { roomId: 'main', fromUserId: 'ada', sdp: 'v=0\r\n' });
  ask(bob, 'webrtc/answer', { roomId: 'main', toUserId: 'ada', sdp: 'v=0\r\n' });
  t.same((await ada.next('webrtc/answer')).payload, { roomId: 'main', fromUserId: 'bob', sdp: 'v=0\r\n' });
  const candidate = { candidate: 'candidate:1 1 UDP 1 192.0.2.1 9 typ host', sdpMid: '0' };
  ask(ada, 'webrtc/ice', { roomId: 'main', toUserId: 'bob', candidate });
  t.same((await bob.next('webrtc/ice')).payload, { roomId: 'main', fromUserId: 'ada', candidate });
  t.equal(
    await refused(ada, ask(ada, 'webrtc/offer', { roomId: 'main', toUserId: 'nobody', sdp: 'v=0' })),
    'peer_not_found',
  );
  t.notOk(
    carl.types.some((type) => type.startsWith('webrtc/')),
    'nobody else hears it',
  );
});

t.test('every code', async (t) => {
  const { box, rooms } = await start(t);
  const ada = await box.connect('/ws/sync');
  const identity = { userId: 'ada', displayName: 'Ada' };
  t.equal(
    await refused(ada, ask(ada, 'room/join', { roomId: 'nowhere', client: identity })),
    'room_not_found',
  );
  t.equal(await refused(ada, ask(ada, 'chat/send', { roomId: 'main', text: 'x' })), 'not_in_room');
  t.equal(await refused(ada, ask(ada, 'chat/send', { roomId: 'nowhere', text: 'x' })), 'room_not_found');
  t.equal(await refused(ada, ask(ada, 'no/such', {})), 'bad_request');
  t.equal(
    await refused(ada, ask(ada, 'chat/send', { roomId: 'main', text: 'x'.repeat(2_001) })),
    'bad_request',
  );
  ada.send({ v: 2, type: 'room/join', requestId: 'old', payload: { roomId: 'main', client: identity } });
  t.equal(await refused(ada, 'old'), 'bad_request');
  ada.send('not JSON');
  t.equal((await ada.next('error')).payload.code, 'bad_request');
  const { room } = rooms.create({ name: 'Two', maxMembers: 2 });
  await enter(box, 'one', { roomId: room.id });
  await enter(box, 'two', { roomId: room.id });
  t.equal(
    await refused(ada, ask(ada, 'room/join', { roomId: room.id, client: identity })),
    'unauthorized',
    'a full room',
  );
});

const browsers: Record<string, string> = {
  ada: '550e8400-e29b-41d4-a716-446655440000',
  eve: '6ba7b810-9dad-41d1-80b4-00c04fd430c8',
};

t.test('a user id is its own: the same viewer takes over, somebody else may not', async (t) => {
  const { box } = await start(t);
  const cookie = (id: 'ada' | 'eve') => ({ headers: { cookie: `onair_viewer=${browsers[id]}` } });
  const old = await box.connect('/ws/sync', cookie('ada'));
  const client = { userId: 'ada', displayName: 'Ada' };
  ask(old, 'room/join', { roomId: 'main', client });
  await old.next('ack');
  const thief = await box.connect('/ws/sync', cookie('eve'));
  t.equal(await refused(thief, ask(thief, 'room/join', { roomId: 'main', client })), 'unauthorized');
  const back = await box.connect('/ws/sync', cookie('ada'));
  ask(back, 'room/join', { roomId: 'main', client });
  await back.next('room/joined');
  await old.closed();
  ask(back, 'chat/send', { roomId: 'main', text: 'still here' });
  t.equal((await back.next('chat/message')).payload.text, 'still here');
});

t.test('one room: each protocol sees the other’s members', async (t) => {
  const { box } = await start(t);
  const ada = await enter(box, 'ada');
  const phone = await box.connect('/ws/session');
  phone.send({
    type: 'join',
    timestamp: 1,
    sessionId: 'main',
    deviceInfo: { id: 'phone', name: 'Phone', type: 'client' },
  });
  const { clientId } = await phone.next('welcome');
  t.same(
    (await phone.next('member_list')).members.map(({ name }: { name: string }) => name),
    ['ADA', 'Phone'],
  );
  t.same((await ada.next('room/peer_joined')).payload.peer, { userId: clientId, displayName: 'Phone' });
  ask(ada, 'room/leave', { roomId: 'main' });
  t.match(await phone.next('member_left'), { memberId: 'ada', reason: 'left' });
});

t.test('kicked and closed rooms are left', async (t) => {
  const { box, rooms } = await start(t);
  const { room } = rooms.create({ name: 'Party', maxMembers: 5 });
  const roomId = room.id;
  const [ada, bob] = [await enter(box, 'ada', { roomId }), await enter(box, 'bob', { roomId })];
  room.kick('bob', 'Host removed you from the session');
  t.same((await bob.next('room/peer_left')).payload, { roomId, userId: 'bob' });
  t.equal(await refused(bob, ask(bob, 'chat/send', { roomId, text: 'x' })), 'not_in_room');
  rooms.close(roomId, 'Host ended the session');
  t.same((await ada.next('room/peer_left')).payload, { roomId, userId: 'bob' });
  t.same((await ada.next('room/peer_left')).payload, { roomId, userId: 'ada' });
  t.equal(await refused(ada, ask(ada, 'chat/send', { roomId, text: 'x' })), 'room_not_found');
});

t.test('who was kicked stays out under any name, until the broadcast has ended', async (t) => {
  const { box, rooms } = await start(t);
  const room = rooms.find('main');
  const cookie = (id: 'ada' | 'eve') => ({ headers: { cookie: `onair_viewer=${browsers[id]}` } });
  const ofBrowser = (id: 'ada' | 'eve') => box.connect('/ws/sync', cookie(id));
  const joinAs = (client: SpokenClient, userId: string): string =>
    ask(client, 'room/join', { roomId: 'main', client: { userId, displayName: userId } });
  const joins = async (client: SpokenClient, userId: string): Promise<void> => {
    const requestId = joinAs(client, userId);
    t.equal((await client.next('ack')).payload.requestId, requestId, `${userId} is in`);
  };
  const staysOut = async (client: SpokenClient, userId: string): Promise<void> => {
    joinAs(client, userId);
    const { payload } = await client.next('error');
    t.match(payload, { code: 'unauthorized', message: 'The host has removed you from this room' }, userId);
  };
  const eve = await ofBrowser('eve');
  await joins(eve, 'eve');
  await joins(await ofBrowser('ada'), 'ada');
  room.kick('eve', 'Host removed you from the session');
  await staysOut(eve, 'eve');
  await staysOut(eve, 'adam');
  const again = await ofBrowser('eve');
  await staysOut(again, 'evelyn');
  const phone = await box.connect('/ws/session', cookie('eve'));
  phone.send({
    type: 'join',
    timestamp: 1,
    sessionId: 'main',
    deviceInfo: { id: 'phone', name: 'Phone', type: 'client' },
  });
  t.match(await phone.next('error'), { code: 'unauthorized' }, 'nor by the other way in');
  await joins(await ofBrowser('ada'), 'bob');
  rooms.pardonAll();
  await joins(again, 'evelyn');
});

t.test("whoever operates the box leads in the box's own room, and an empty one is live again", async (t) => {
  const { box, rooms } = await start(t);
  const room = rooms.find('main');
  const ada = await enter(box, 'ada');
  t.equal(room.authority?.id, 'ada', 'who is here longest');
  const operator = await box.connect('/ws/sync', { headers: { 'x-operator': 'yes' } });
  ask(operator, 'room/join', { roomId: 'main', client: { userId: 'boss', displayName: 'Boss' } });
  await operator.next('ack');
  t.match(room.authority, { id: 'boss', isHost: true });
  const state = { playing: true, positionSec: 5, hostTsMs: 15_000 };
  t.equal(
    await refused(ada, ask(ada, 'watch/playback_state', { roomId: 'main', state })),
    'unauthorized',
    'nobody else does',
  );
  ask(operator, 'watch/playback_state', { roomId: 'main', state });
  t.match((await ada.next('watch/playback_state')).payload, { state, fromUserId: 'boss' });
  operator.socket.close();
  await ada.next('room/peer_left');
  t.equal(room.authority?.id, 'ada');
  t.ok(room.playback, 'who stays goes on where they were');
  ask(ada, 'room/leave', { roomId: 'main' });
  await ada.next('ack');
  t.equal(room.playback, null);
});

const loudsyncJoin = (id: string, more: object = {}, sessionId = 'main') => ({
  type: 'join',
  timestamp: 1,
  sessionId,
  deviceInfo: { id, name: `Name of ${id}`, type: 'client', ...more },
});

t.test('joining the same room again is answered with room/joined', async (t) => {
  const { box } = await start(t);
  const [ada, bob] = [await enter(box, 'ada'), await enter(box, 'bob')];
  const client = { userId: 'ada', displayName: 'ADA' };
  const requestId = ask(ada, 'room/join', { roomId: 'main', client });
  const peers = [{ userId: 'bob', displayName: 'BOB' }];
  t.same((await ada.next('room/joined')).payload, { roomId: 'main', you: client, peers });
  t.same((await ada.next('ack')).payload, { requestId });
  ask(ada, 'room/join', { roomId: 'main', client: { ...client, displayName: 'Lovelace' } });
  t.same((await bob.next('room/peer_left')).payload, { roomId: 'main', userId: 'ada' });
  t.same((await bob.next('room/peer_joined')).payload, {
    roomId: 'main',
    peer: { userId: 'ada', displayName: 'Lovelace' },
  });
});

t.test('ids of the other protocol are not to be had: the host’s, and those of its members', async (t) => {
  const { box, rooms } = await start(t);
  const { room, hostToken } = rooms.create({ name: 'Party', maxMembers: 5 });
  const roomId = room.id;
  const thief = await box.connect('/ws/sync');
  const take = (userId: string) =>
    ask(thief, 'room/join', { roomId, client: { userId, displayName: 'Eve' } });
  t.equal(await refused(thief, take(room.hostId)), 'unauthorized');
  const phone = await box.connect('/ws/session');
  phone.send(loudsyncJoin('phone', {}, roomId));
  const { clientId } = await phone.next('welcome');
  t.equal(await refused(thief, take(clientId)), 'unauthorized');
  phone.send({ type: 'leave', timestamp: 1 });
  await phone.closed();
  t.equal(await refused(thief, take(clientId)), 'unauthorized', 'nor when its member is away');
  const host = await box.connect('/ws/session', { headers: { authorization: `Bearer ${hostToken}` } });
  host.send(loudsyncJoin('laptop', { type: 'host' }, roomId));
  t.equal((await host.next('welcome')).clientId, room.hostId);
  t.match((await host.next('member_list')).members, [{ id: room.hostId, isHost: true }]);
});

t.test('a host who is in by LOUDSYNC does not lock content and playback', async (t) => {
  const { box, rooms } = await start(t);
  const { room, hostToken } = rooms.create({ name: 'Party', maxMembers: 5 });
  const roomId = room.id;
  const host = await box.connect('/ws/session', { headers: { authorization: `Bearer ${hostToken}` } });
  host.send(loudsyncJoin('laptop', { type: 'host' }, roomId));
  await host.next('member_list');
  const ada = await enter(box, 'ada', { roomId });
  ask(ada, 'watch/set_content', { roomId, contentId: 'live' });
  t.equal((await ada.next('watch/content')).payload.contentId, 'live');
  const creator = await enter(box, 'creator', { roomId, hostToken });
  host.send({ type: 'member_list', timestamp: 1 });
  let hosts: string[] = [];
  while (!hosts.length) {
    const { members } = await host.next('member_list');
    hosts = members.filter(({ isHost }: { isHost: boolean }) => isHost).map(({ id }: { id: string }) => id);
  }
  t.same(hosts, [room.hostId], 'one host, under hostId');
  t.equal(room.authority?.id, 'creator');
  creator.socket.terminate();
});

t.test('what ends a peer’s connection is told to LOUDSYNC’s members', async (t) => {
  const { box, clock } = await start(t);
  const phone = await box.connect('/ws/session');
  phone.send(loudsyncJoin('phone'));
  await phone.next('member_list');
  const [closes, breaks] = [await enter(box, 'closes'), await enter(box, 'breaks')];
  closes.socket.close();
  t.match(await phone.next('member_left'), { memberId: 'closes', reason: 'left' });
  breaks.socket.terminate();
  t.match(await phone.next('member_left'), { memberId: 'breaks', reason: 'error' });
  const silent = await box.connect('/ws/sync', { autoPong: false });
  ask(silent, 'room/join', { roomId: 'main', client: { userId: 'silent', displayName: 'S' } });
  await silent.next('ack');
  for (let second = 0; second < 30; second += 5) {
    clock.advance(5_000);
    phone.send({ type: 'heartbeat', timestamp: 1 });
    phone.send({ type: 'ping', timestamp: 1 });
    await phone.next('pong');
  }
  t.ok(phone.received.some(({ type, reason }) => type === 'member_left' && reason === 'timeout'));
});

t.test('an answer names the request, however long its id is', async (t) => {
  const { box } = await start(t);
  const client = await box.connect('/ws/sync');
  await client.next('server/hello');
  const requestId = 'r'.repeat(5_000);
  const join = { roomId: 'main', client: { userId: 'ada', displayName: 'Ada' } };
  client.send({ v: 1, type: 'room/join', requestId, payload: join });
  t.equal((await client.next('ack')).payload.requestId, requestId);
  client.send({ v: 1, type: 'room/dance', requestId, payload: {} });
  t.equal((await client.next('error')).payload.requestId, requestId);
});

t.test('over the rate each request has its answer, or the connection is closed', async (t) => {
  const { box } = await start(t);
  const ada = await enter(box, 'ada');
  for (let sent = 0; sent < 140; sent += 1) {
    ada.send({ v: 1, type: 'chat/send', requestId: `q-${sent}`, payload: { roomId: 'main', text: 'x' } });
  }
  const answered = new Set<string>();
  while (answered.size < 140) {
    const message = ada.received.find(
      ({ type, payload }) =>
        (type === 'ack' || type === 'error') &&
        payload.requestId?.startsWith('q-') &&
        !answered.has(payload.requestId),
    );
    if (message) answered.add(message.payload.requestId);
    else await new Promise((resolve) => ada.socket.once('message', resolve));
  }
  t.equal(answered.size, 140);
  t.ok(ada.received.some(({ type }) => type === 'error'));
});
