import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { iceServersFor } from '#control/access/ice-servers.ts';
import type { TokenKeeper } from '#control/access/token-keeper.ts';
import { ViewerIdentity } from '#control/access/viewer-identity.ts';
import { Audience } from '#control/domain/audience.ts';
import { Broadcast } from '#control/domain/broadcast.ts';
import { WatchSessions } from '#control/domain/watch-session.ts';
import { OwnEgress } from '#control/link/own-egress.ts';
import { Whep } from '#control/whep/whep.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { IceServer } from '#core/protocol/signaling.ts';
import { ask } from '#test/support/ask.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';
import { FakeDevice } from '#test/support/fake-device.ts';
import { hubOfFakes } from '#test/support/hub-of-fakes.ts';
import { webServer } from '#test/support/web-server.ts';

t.setTimeout(30_000);

const sdp = { 'content-type': 'application/sdp' };
const fragment = { 'content-type': 'application/trickle-ice-sdpfrag' };
const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\na=ice-ufrag:EsAw\r\n';
const pwd = 'P2uYro0UCOQ4zxjKXaWCBui1';

/** WHEP on a loopback port, in front of a device that answers at once unless told otherwise. */
async function setUp(
  t: Test,
  options: { max?: number; onAir?: boolean; iceServers?: IceServer[]; egress?: OwnEgress } = {},
) {
  const { max = 10, onAir = true, iceServers = [], egress } = options;
  const clock = new DrivenClock();
  const audience = new Audience({ clock, max });
  let made = 0;
  const newId = (): string => {
    made += 1;
    return `session-${made}`;
  };
  const sessions = new WatchSessions({ audience, clock, newId });
  const broadcast = new Broadcast({ clock });
  if (onAir) broadcast.restore({ live: true, startTime: null });
  const device = new FakeDevice();
  /** What happens when the device gets an offer. */
  const act = {
    onOffer: (id: string) => {
      const sdp = `v=0 answer to ${id}\r\na=ice-ufrag:${id}\r\n`;
      sessions.receiveFromDevice('d', { kind: 'answer', sessionId: id, sdp });
    },
  };
  device.takeOffer = (id, text) => {
    device.told.push(`offer ${id} ${text.length}`);
    act.onOffer(id);
  };
  const page = await webServer(t, { clock });
  const identity = new ViewerIdentity({ tokens: {} as TokenKeeper, settings: () => page.settings });
  const whep = new Whep({
    ...{ sessions, broadcast, clock },
    device: egress ?? device,
    deviceId: () => 'd',
    iceServers: () => iceServers,
  });
  const { url, port, server } = await webServer(t, {
    clock,
    routes: whep.routes,
    admit: (request) => identity.admit(request),
  });
  const post = (body: string = offer, headers: Record<string, string> = sdp) =>
    ask('POST', `${url}/whep`, { headers, body });
  return { url, port, server, clock, audience, sessions, broadcast, device, act, post };
}

t.test('201 with the answer, where it lives, and its ETag; DELETE ends it', async (t) => {
  const { url, post, device, audience, sessions } = await setUp(t);
  const created = await post();
  t.match(created, { status: 201, text: 'v=0 answer to session-1\r\na=ice-ufrag:session-1\r\n' });
  t.match(created.headers, {
    'content-type': 'application/sdp',
    'content-length': '48',
    'cache-control': 'no-store',
    location: '/whep/session-1',
    etag: '"session-1"',
    'accept-patch': 'application/trickle-ice-sdpfrag',
  });
  t.notOk(created.headers.link);
  t.match(device.told, [/^watch_request session-1 whep-/, `offer session-1 ${offer.length}`]);
  t.equal(audience.viewers, 1);
  t.match(await ask('DELETE', `${url}/whep/session-1`), { status: 200, text: '' });
  t.equal(device.told.at(-1), 'watch_ended session-1 user_ended');
  t.same([audience.viewers, sessions.size], [0, 0]);
  t.match(await ask('DELETE', `${url}/whep/session-1`), { status: 404, json: { code: 'not-found' } });
  t.match(await ask('PATCH', `${url}/whep/session-1`, { headers: fragment, body: '' }), { status: 404 });
});

t.test('PATCH trickles to this session, in its state, and to no other', async (t) => {
  const { url, post, device } = await setUp(t);
  const { headers } = await post();
  const etag = String(headers.etag);
  const body =
    'a=ice-ufrag:EsAw\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 1 ::1 9 typ host\r\n';
  const patch = (more: Record<string, string> = {}, type = fragment, text = body) =>
    ask('PATCH', `${url}/whep/session-1`, { headers: { ...type, ...more }, body: text });
  device.told.splice(0);
  const taken = await patch({ 'if-match': etag });
  t.match(taken, { status: 204, text: '' });
  t.equal(taken.headers.etag, undefined, 'WHEP, "Trickle ICE": no ETag');
  t.match(await patch({ 'if-match': `"other", ${etag}` }), { status: 204 });
  t.match(await patch({ 'if-match': '*' }), { status: 204 });
  const mine = { 'if-match': etag };
  t.match(await patch(), { status: 428, json: { code: 'precondition-required', action: /ETag/ } });
  t.same(device.told.splice(0), Array(3).fill('ice session-1 candidate:1 1 udp 1 ::1 9 typ host'));
  t.match(await patch({ 'if-match': '"other"' }), { status: 412, json: { code: 'precondition-failed' } });
  t.match(await patch(mine, { 'content-type': 'application/sdp' }), { status: 415 });
  t.match(await patch(mine, fragment, '<html>'), { status: 400, json: { code: 'invalid-message' } });
  t.same(device.told, []);
});

t.test('an ICE restart is done, under a new ETag, or refused while the session goes on', async (t) => {
  const { url, post, device, audience } = await setUp(t);
  const etag = String((await post()).headers.etag);
  const body = `m=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:v\r\na=ice-ufrag:New1\r\na=ice-pwd:${pwd}\r\na=candidate:1 1 udp 1 ::1 9 typ host\r\n`;
  const patch = (match: string, text = body) =>
    ask('PATCH', `${url}/whep/session-1`, { headers: { ...fragment, 'if-match': match }, body: text });
  device.told.splice(0);
  t.match(await patch('*'), { status: 422, json: { code: 'ice-restart-refused', action: /POST/ } });
  t.equal(audience.viewers, 1);
  const candidate = 'candidate:1 1 udp 1 192.0.2.1 8189 typ host';
  device.restartedIce = { ice_ufrag: 'fresh', ice_pwd: pwd, ice_lite: true, candidates: [candidate] };
  const restarted = await patch('"*"');
  t.match(restarted, {
    status: 200,
    headers: { 'content-type': 'application/trickle-ice-sdpfrag', etag: '"fresh"' },
  });
  for (const line of ['ice-lite', 'mid:v', 'ice-ufrag:fresh', `ice-pwd:${pwd}`, candidate])
    t.match(restarted.text, `\r\na=${line}\r\n`.replace(/^\r\n(a=ice-lite)/, '$1'));
  t.same(device.told, Array(2).fill('restart session-1 New1 candidate:1 1 udp 1 ::1 9 typ host'));
  t.match(await patch(etag, 'a=end-of-candidates\r\n'), { status: 412 }, 'of the ICE session before');
  t.match(await patch('"fresh"'), { status: 204 }, 'the viewer’s name is the one of now: no restart');
});

t.test(
  'ICE servers go out as Link headers, TURN with credentials that coturn accepts and that end',
  async (t) => {
    const webrtc = {
      iceServers: [{ urls: 'stun:stun.example.org:3478' }],
      turn: {
        urls: ['turn:turn.example.org:3478?transport=udp', 'turns:turn.example.org:5349'],
        secret: 'hush',
      },
    } as Parameters<typeof iceServersFor>[0];
    const servers = iceServersFor(webrtc, 'viewer-1', 1_700_000_000_500);
    const username = '1700003600:viewer-1';
    const credential = createHmac('sha1', 'hush').update(username).digest('base64');
    t.same(servers, [
      { urls: 'stun:stun.example.org:3478' },
      { urls: webrtc.turn.urls, username, credential, credentialType: 'password' },
    ]);
    t.same(iceServersFor({ ...webrtc, turn: { ...webrtc.turn, secret: null } }, 'v', 0).length, 1);
    t.same(iceServersFor({ ...webrtc, turn: { urls: [], secret: 'hush' } }, 'v', 0).length, 1);
    t.notMatch(JSON.stringify(servers), /hush/);

    const { post } = await setUp(t, { iceServers: servers });
    const links = String((await post()).headers.link).split(', ');
    const login = `; username="${username}"; credential="${credential}"; credential-type="password"`;
    t.same(links, [
      '<stun:stun.example.org:3478>; rel="ice-server"',
      `<turn:turn.example.org:3478?transport=udp>; rel="ice-server"${login}`,
      `<turns:turn.example.org:5349>; rel="ice-server"${login}`,
    ]);
  },
);

t.test('what is no offer takes no place', async (t) => {
  const { post, audience, device } = await setUp(t);
  for (const body of ['', 'm=video', '{"sdp":"v=0"}', '<html>'])
    t.match(await post(body), { status: 400, json: { code: 'invalid-message' } });
  t.match(await post(offer, { 'content-type': 'application/json' }), { status: 415 });
  t.match(await post(offer, {}), { status: 415 });
  t.match(await post(`v=0${'x'.repeat(70_000)}`), { status: 413 });
  t.same([audience.peak, device.told], [0, []]);
});

t.test('nothing on air, a full house, egress away: each said with when to come again', async (t) => {
  const idle = await setUp(t, { onAir: false });
  t.match(await idle.post(), {
    status: 409,
    json: { code: 'conflict', action: /button/ },
    headers: { 'retry-after': '2' },
  });
  const { post, device, audience } = await setUp(t, { max: 1 });
  device.online = false;
  t.match(await post(), { status: 503, json: { code: 'unavailable' }, headers: { 'retry-after': '1' } });
  device.online = true;
  t.equal((await post()).status, 201);
  t.match(await post(), {
    status: 503,
    json: { code: 'full', title: /only place is taken/ },
    headers: { 'retry-after': '10' },
  });
  t.equal(audience.viewers, 1);
});

t.test('one browser that watches by WHEP and has the page open is one', async (t) => {
  const { post, audience } = await setUp(t);
  const cookie = 'onair_viewer=a1b2c3d4-e5f6-4789-8abc-def012345678';
  audience.enter('a1b2c3d4-e5f6-4789-8abc-def012345678', 'lancast');
  await post(offer, { ...sdp, cookie });
  t.equal(audience.viewers, 1);
  await post();
  t.equal(audience.viewers, 2);
});

t.test('an offer that egress rejects, an egress that dies: the reason, and the place is free', async (t) => {
  const { post, sessions, audience, act } = await setUp(t);
  const why = new OnairError('invalid-message', 'The offer has no H.264.');
  act.onOffer = (id) =>
    sessions.receiveFromDevice('d', { kind: 'ended', sessionId: id, reason: 'error', why });
  t.match(await post(), { status: 400, json: { code: 'invalid-message', title: 'The offer has no H.264.' } });
  act.onOffer = () => sessions.loseDevice('d');
  t.match(await post(), { status: 503, json: { code: 'unavailable' }, headers: { 'retry-after': '1' } });
  t.equal(audience.viewers, 0);
});

t.test('an egress that is full: when to come again, and what to do meanwhile', async (t) => {
  const { link, egress, egressReady, clock } = hubOfFakes();
  const own = new OwnEgress({ link, deviceId: () => 'd', clock });
  const { post, sessions, audience } = await setUp(t, { egress: own });
  own.start(sessions);
  egress.join();
  egressReady();
  own.send = ({ kind, sessionId: session_id }) => {
    if (kind !== 'offer') return;
    const message = 'This box serves no more than 250 viewers by WebRTC at once.';
    egress.say('egress_watch', { session_id, user_id: '', state: 'ended', reason: 'full', message });
  };
  t.match(await post(), {
    status: 503,
    headers: { 'retry-after': '10' },
    json: { code: 'unavailable', title: /no more than 250 viewers/, action: /\/hls\/live\.m3u8/ },
  });
  t.same([audience.viewers, sessions.size], [0, 0]);
});

t.test('an egress that hangs holds a request for 5 s, and its place no longer', async (t) => {
  const { post, clock, audience, device, act, sessions } = await setUp(t);
  act.onOffer = () => setImmediate(() => clock.advance(5_000));
  t.match(await post(), { status: 503, json: { title: /does not answer/ } });
  t.same([audience.viewers, sessions.size], [0, 0]);
  t.match(device.told.at(-1), /^watch_ended session-1/);
});

t.test('a client that hangs up while it waits gives its place back', async (t) => {
  const { url, audience, device, act, sessions, clock } = await setUp(t);
  const asked = new Promise<void>((resolve) => {
    act.onOffer = () => resolve();
  });
  const { timers } = clock;
  const waiting = request(`${url}/whep`, { method: 'POST', headers: sdp });
  waiting.on('error', () => {});
  waiting.end(offer);
  await asked;
  t.equal(audience.viewers, 1);
  waiting.destroy();
  while (audience.viewers > 0) await new Promise((resolve) => setImmediate(resolve));
  t.same(device.told.at(-1), 'watch_ended session-1 viewer_disconnected');
  t.equal(sessions.size, 0);
  t.equal(clock.timers, timers, 'no timer of its own is left');
});

t.test('a connection that serves several requests ends none of them when it closes later', async (t) => {
  const { port, audience } = await setUp(t);
  const socket = connect(port, '127.0.0.1');
  const head = `POST /whep HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sdp\r\nContent-Length: ${offer.length}\r\n\r\n${offer}`;
  let received = '';
  for (let round = 1; round <= 3; round += 1) {
    socket.write(head);
    while (!received.includes(`answer to session-${round}`))
      received += String((await once(socket, 'data'))[0]);
  }
  const closed = once(socket, 'close');
  socket.end();
  await closed;
  t.equal(audience.viewers, 3, 'who is answered watches, whatever becomes of the connection');
});

t.test('what never connects is over after 30 s, and DELETE of it is no error', async (t) => {
  const { url, post, clock, audience, device, sessions } = await setUp(t);
  await post();
  await post();
  sessions.receiveFromDevice('d', { kind: 'connected', sessionId: 'session-2' });
  clock.advance(30_000);
  t.equal(device.told.at(-1), 'watch_ended session-1 timeout');
  t.equal(audience.viewers, 1);
  t.match(await ask('DELETE', `${url}/whep/session-1`), { status: 200 });
  t.match(await ask('DELETE', `${url}/whep/session-1`), { status: 404 });
  t.match(await ask('DELETE', `${url}/whep/session-2`), { status: 200 });
});

t.test('GET and HEAD have nothing to show, PUT is not possible, OPTIONS says what is', async (t) => {
  const { url, post } = await setUp(t);
  await post();
  for (const method of ['GET', 'HEAD']) {
    t.match(await ask(method, `${url}/whep/session-1`), { status: 204, text: '' }, method);
    const headers = { 'content-type': /^application\/sdp/, 'content-length': '0' };
    t.match(await ask(method, `${url}/whep`), { status: 200, text: '', headers }, method);
  }
  t.match(await ask('GET', `${url}/whep/other`), { status: 404 });
  t.match(await ask('PUT', `${url}/whep`), { status: 405, headers: { allow: 'POST, GET, HEAD, OPTIONS' } });
  t.match(await ask('PUT', `${url}/whep/x`), {
    status: 405,
    headers: { allow: 'PATCH, DELETE, GET, HEAD, OPTIONS' },
  });
  t.match(await ask('OPTIONS', `${url}/whep`), {
    status: 200,
    headers: { 'accept-post': 'application/sdp' },
  });
});
