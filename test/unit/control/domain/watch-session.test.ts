import t from 'tap';
import { Audience } from '#control/domain/audience.ts';
import { type WatchedDevice, type Watcher, WatchSessions } from '#control/domain/watch-session.ts';
import { OnairError } from '#core/domain/errors.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

/** A device that writes down what it is told. */
function newDevice() {
  const told: string[] = [];
  const device = {
    online: true,
    own: true,
    send: (signal) => {
      const { kind, sessionId } = signal;
      if (kind === 'request') told.push(`watch ${sessionId} by ${signal.userId}`);
      else if (kind === 'offer') told.push(`offer ${sessionId} ${signal.sdp}`);
      else if (kind === 'candidate') told.push(`ice ${sessionId} ${signal.candidate?.candidate ?? 'end'}`);
      else told.push(`end ${sessionId} ${signal.reason}`);
    },
  } satisfies WatchedDevice;
  return { device: device as WatchedDevice & { online: boolean }, told };
}

function setUp(max = 10) {
  const clock = new DrivenClock();
  const audience = new Audience({ clock, max });
  let made = 0;
  const sessions = new WatchSessions({
    audience,
    clock,
    newId: () => {
      made += 1;
      return `s${made}`;
    },
  });
  const { device, told } = newDevice();
  const heard: string[] = [];
  const watcher = (name: string): Watcher => ({
    send: (signal) => {
      if (signal.kind === 'answer') heard.push(`${name} answer ${signal.sdp}`);
      else if (signal.kind === 'candidate') heard.push(`${name} ice ${signal.candidate?.candidate ?? 'end'}`);
      else heard.push(`${name} ended ${signal.reason} ${signal.why?.message ?? null}`);
    },
  });
  const open = (viewerId: string): string =>
    sessions.open({
      viewerId,
      way: 'watch',
      deviceId: 'd',
      device,
      iceServers: () => [],
      watcher: watcher(viewerId),
    });
  return { clock, audience, sessions, device, told, heard, open };
}

const notFound = { code: 'not-found', message: 'Session not found' };

t.test('from request to connection: everything reaches who it is for', (t) => {
  const { clock, audience, sessions, told, heard, open } = setUp();
  const id = open('anna');
  t.equal(audience.viewers, 1);
  t.equal(sessions.viewerOf(id), 'anna');
  sessions.receiveFromViewer('anna', { kind: 'offer', sessionId: id, sdp: 'v=0' });
  sessions.receiveFromViewer('anna', {
    kind: 'candidate',
    sessionId: id,
    candidate: { candidate: 'candidate:1' },
  });
  sessions.receiveFromViewer('anna', { kind: 'candidate', sessionId: id, candidate: null });
  t.same(told, ['watch s1 by anna', 'offer s1 v=0', 'ice s1 candidate:1', 'ice s1 end']);
  sessions.receiveFromDevice('d', { kind: 'answer', sessionId: id, sdp: 'v=0 answer' });
  sessions.receiveFromDevice('d', {
    kind: 'candidate',
    sessionId: id,
    candidate: { candidate: 'candidate:2' },
  });
  sessions.receiveFromDevice('d', { kind: 'connected', sessionId: id });
  clock.advance(3_600_000);
  t.same(heard, ['anna answer v=0 answer', 'anna ice candidate:2'], 'what is connected does not time out');
  sessions.end(id, 'anna', 'user_ended');
  t.equal(told.at(-1), 'end s1 user_ended');
  t.equal(heard.length, 2, 'who ends it needs no word of the end');
  t.same([audience.viewers, sessions.size, clock.timers], [0, 0, 0]);
  t.end();
});

t.test('what does not connect within 30 s gives its place back', (t) => {
  const { clock, audience, sessions, told, heard, open } = setUp();
  const id = open('anna');
  sessions.receiveFromViewer('anna', { kind: 'offer', sessionId: id, sdp: 'v=0' });
  clock.advance(29_999);
  t.equal(sessions.has(id), true);
  clock.advance(1);
  t.equal(sessions.has(id), false);
  t.equal(told.at(-1), 'end s1 timeout');
  t.same(heard, ['anna ended timeout null']);
  t.equal(audience.viewers, 0);
  t.end();
});

t.test('the viewer hears that it is ready before the device is asked, with the id of both', (t) => {
  const { sessions, device, told } = setUp();
  const id = sessions.open({
    viewerId: 'anna',
    way: 'watch',
    deviceId: 'd',
    device,
    iceServers: () => [],
    watcher: {
      opened: (sessionId) => void told.push(`ready ${sessionId}`),
      send: () => {},
    },
  });
  t.same(told, [`ready ${id}`, `watch ${id} by anna`]);
  t.end();
});

t.test('a session is only for the viewer whose it is, and only for its device', (t) => {
  const { sessions, told, heard, open } = setUp();
  const id = open('anna');
  told.splice(0);
  t.throws(() => sessions.receiveFromViewer('ben', { kind: 'offer', sessionId: id, sdp: 'v=0' }), notFound);
  t.throws(
    () => sessions.receiveFromViewer('ben', { kind: 'candidate', sessionId: id, candidate: null }),
    notFound,
  );
  t.throws(() => sessions.end(id, 'ben', 'user_ended'), notFound);
  t.throws(() => sessions.end('s99', 'anna', 'user_ended'), notFound);
  sessions.receiveFromDevice('other', { kind: 'answer', sessionId: id, sdp: 'v=0' });
  sessions.receiveFromDevice('other', { kind: 'candidate', sessionId: id, candidate: null });
  sessions.receiveFromDevice('other', { kind: 'ended', sessionId: id, reason: 'error' });
  sessions.loseDevice('other');
  t.same([told, heard, sessions.has(id)], [[], [], true]);
  t.end();
});

t.test('a device that is away, and a full house, are refused without a trace', (t) => {
  const { clock, audience, sessions, device, told, open } = setUp(1);
  device.online = false;
  t.throws(() => open('anna'), { code: 'unavailable', message: 'Device is offline' });
  device.online = true;
  open('anna');
  t.throws(() => open('ben'), { code: 'full' });
  t.same([audience.viewers, sessions.size, clock.timers], [1, 1, 2]);
  t.same(told, ['watch s1 by anna']);
  t.end();
});

t.test('a device that throws when it is asked leaves no session', (t) => {
  const { clock, audience, sessions, device, open } = setUp();
  device.send = () => {
    throw new Error('no link');
  };
  t.throws(() => open('anna'), { message: 'no link' });
  t.same([audience.viewers, sessions.size, clock.timers], [0, 0, 0]);
  t.end();
});

t.test('the device ends it: the watcher hears why', (t) => {
  const { audience, sessions, told, heard, open } = setUp();
  const id = open('anna');
  told.splice(0);
  sessions.receiveFromDevice('d', {
    kind: 'ended',
    sessionId: id,
    reason: 'error',
    why: new OnairError('invalid-message', 'The offer has no H.264.'),
  });
  sessions.receiveFromDevice('d', {
    kind: 'ended',
    sessionId: id,
    reason: 'error',
    why: new OnairError('invalid-message', 'again'),
  });
  t.same(heard, ['anna ended error The offer has no H.264.']);
  t.same(told, [], 'the device knows already');
  t.equal(audience.viewers, 0);
  t.end();
});

t.test('a lost device ends all of its sessions, for each watcher once', (t) => {
  const { clock, audience, sessions, heard, open } = setUp();
  open('anna');
  open('ben');
  open('anna');
  sessions.loseDevice('d');
  sessions.loseDevice('d');
  t.same(
    heard,
    ['anna', 'ben', 'anna'].map((name) => `${name} ended device_disconnected null`),
  );
  t.same([audience.viewers, sessions.size, clock.timers], [0, 0, 0]);
  t.end();
});

t.test('a watcher that opens anew when its session ends gets one that stays', (t) => {
  const { sessions, device, open } = setUp();
  let again: string | null = null;
  sessions.open({
    viewerId: 'anna',
    way: 'watch',
    deviceId: 'd',
    device,
    iceServers: () => [],
    watcher: {
      send: ({ kind }) => {
        if (kind === 'ended') again = open('anna');
      },
    },
  });
  sessions.loseDevice('d');
  t.equal(sessions.size, 1);
  t.equal(sessions.has(again ?? ''), true);
  t.end();
});

t.test('what the device kept through a restart of control counts and can be ended', (t) => {
  const { clock, audience, sessions, device, told } = setUp(2);
  const kept = { sessionId: 'kept', viewerId: 'anna', deviceId: 'd', device };
  sessions.adopt(kept);
  sessions.adopt(kept);
  t.equal(audience.viewers, 1, 'told twice, counted once');
  sessions.receiveFromDevice('d', { kind: 'answer', sessionId: 'kept', sdp: 'nobody listens' });
  clock.advance(60_000);
  t.equal(sessions.has('kept'), true);
  t.throws(() => sessions.end('kept', 'ben', 'user_ended'), notFound);
  sessions.end('kept', 'anna', 'user_ended');
  t.same(told, ['end kept user_ended']);
  t.equal(audience.viewers, 0);
  sessions.adopt(kept);
  sessions.loseDevice('d');
  t.equal(audience.viewers, 0);
  t.end();
});

t.test('what is adopted takes no place that there is not', (t) => {
  const { audience, sessions, device, open } = setUp(1);
  open('anna');
  t.equal(sessions.adopt({ sessionId: 'kept', viewerId: 'ben', deviceId: 'd', device }), false);
  t.equal(audience.viewers, 1);
  t.equal(sessions.has('kept'), false);
  t.end();
});

t.test('a connected session that its device does not have is over; one that is under way is not', (t) => {
  const { audience, sessions, device, told, heard, open } = setUp();
  const [gone, kept, underWay] = [open('anna'), open('ben'), open('cleo')];
  for (const id of [gone, kept]) sessions.receiveFromDevice('d', { kind: 'connected', sessionId: id });
  sessions.adopt({ sessionId: 'elsewhere', viewerId: 'dan', deviceId: 'other', device });
  t.same([sessions.countOf('d'), sessions.countOf('other')], [3, 1]);
  told.splice(0);
  sessions.keepOnly('d', new Set([kept]));
  t.same(
    [gone, kept, underWay, 'elsewhere'].map((id) => sessions.has(id)),
    [false, true, true, true],
  );
  t.same([told, heard], [[], ['anna ended viewer_disconnected null']], 'the device knows already');
  t.equal(audience.viewers, 3);
  t.end();
});

t.test('closing leaves no timer', (t) => {
  const { clock, sessions, open } = setUp();
  open('anna');
  sessions.close();
  sessions.close();
  t.equal(clock.timers, 0);
  t.end();
});

t.test('who offers again while the first offer is under way is counted once', (t) => {
  const { audience, sessions, open } = setUp(1);
  const first = open('anna');
  const second = open('anna');
  t.equal(audience.viewers, 1);
  sessions.receiveFromDevice('d', { kind: 'connected', sessionId: second });
  t.equal(audience.viewers, 1);
  sessions.end(first, 'anna', 'user_ended');
  t.equal(audience.viewers, 1);
  t.equal(audience.peak, 1);
  t.throws(() => open('ben'), { code: 'full' });
  t.end();
});

t.test('an offer that leads to no connection gives its place back after 5 s, and may connect later', (t) => {
  const { clock, audience, sessions, open } = setUp(1);
  const late = open('anna');
  clock.advance(4_999);
  t.equal(audience.viewers, 1);
  clock.advance(1);
  t.equal(audience.viewers, 0);
  sessions.receiveFromDevice('d', { kind: 'connected', sessionId: late });
  t.equal(audience.viewers, 1, 'a slow one that connects counts again');
  sessions.end(late, 'anna', 'user_ended');
  t.equal(audience.viewers, 0);
  const squatted = open('ben');
  clock.advance(5_000);
  open('carla');
  sessions.receiveFromDevice('d', { kind: 'connected', sessionId: squatted });
  t.equal(sessions.has(squatted), false, 'where somebody else has the place it is over');
  t.equal(audience.viewers, 1);
  t.end();
});
