import { randomUUID } from 'node:crypto';
import t from 'tap';
import { WebSocket } from 'ws';
import { statusBody } from '#core/protocol/endpoints/box.ts';
import { tokenBody } from '#core/protocol/endpoints/watching.ts';
import { Appliance } from '../support/appliance.ts';
import { ask } from '../support/ask.ts';
import { launchBrowser } from '../support/browser.ts';
import { LancastWatch } from '../support/lancast-watch.ts';
import { NovaClient } from '../support/nova-client.ts';
import { offerText } from '../support/offer.ts';
import { ViewerPage } from '../support/viewer-page.ts';
import { WireClient } from '../support/wire-client.ts';

t.setTimeout(240_000);

const appliance = await Appliance.start({
  settings: { video: { width: 320, height: 240, framesPerSecond: 15 } },
});
t.teardown(() => appliance.close());
const origin = await appliance.origin();
const { host, port } = new URL(origin);
const sdp = { 'content-type': 'application/sdp' };
const json = { 'content-type': 'application/json' };
const { stream } = await appliance.status();
const tokens = `${origin}/api/v1/streams/${stream.id}/tokens`;
t.equal((await appliance.onair('live')).exitCode, 0);

/** The HTTP status with which an upgrade is refused; 101 where it is taken. */
async function upgrade(headers: Record<string, string>): Promise<number> {
  return await new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers });
    socket.on('open', () => {
      socket.close();
      resolve(101);
    });
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', reject);
  });
}

t.test('what anybody may see', async (t) => {
  const status = await ask('GET', `${origin}/api/v1/status`);
  t.equal(status.status, 200);
  t.ok(statusBody.safeParse(status.json).success, 'in the shape of the API');
  t.notOk('daemons' in (status.json ?? {}), 'without what only the box itself should know');
  const health = await ask('GET', `${origin}/api/v1/health`);
  t.match(health, { status: 200, json: { ready: true, missing: [] } });
  const page = await ask('GET', `${origin}/`);
  t.equal(page.status, 200);
  t.match(page.headers, {
    'content-security-policy': /default-src 'none'/,
    'x-content-type-options': 'nosniff',
    'set-cookie': [/^onair_viewer=[\w-]+; .*HttpOnly/],
  });
});

t.test('paths and methods that there are not', async (t) => {
  for (const path of [
    '/nothing',
    '/api/v1/nothing',
    '/api/v1/streams',
    '/hls/nothing.m4s',
    '/../etc/passwd',
  ]) {
    const answer = await ask('GET', `${origin}${path}`);
    t.equal(answer.status, 404, path);
  }
  t.match((await ask('GET', `${origin}/nothing`)).json, { code: 'not-found', title: /nothing/ });
  t.equal((await ask('POST', `${origin}/nothing`)).status, 404, 'whatever the method');
  const wrong: [string, string, RegExp][] = [
    ['PUT', '/whep', /POST/],
    ['POST', '/api/v1/status', /GET/],
    ['GET', '/api/v1/broadcast', /POST.*DELETE/],
    ['DELETE', '/hls/live.m3u8', /GET/],
  ];
  for (const [method, path, allow] of wrong) {
    const answer = await ask(method, `${origin}${path}`);
    t.equal(answer.status, 405, `${method} ${path}`);
    t.match(answer.headers.allow, allow);
    t.match(answer.json, { code: 'method-not-allowed' });
  }
});

t.test('pages of other sites, and names that are not this box', async (t) => {
  const foreign = { origin: 'http://evil.example' };
  const answer = await ask('POST', tokens, { headers: { ...json, ...foreign }, body: '{}' });
  t.match(answer, { status: 403, json: { code: 'forbidden' } });
  t.equal((await ask('POST', `${origin}/api/v1/broadcast`, { headers: foreign })).status, 403);
  t.equal((await ask('GET', `${origin}/api/v1/status`, { headers: foreign })).status, 403);
  t.equal(await upgrade(foreign), 403, 'a web socket neither');
  t.equal(await upgrade({ origin }), 101, 'its own page may');
  t.equal(await upgrade({}), 101, 'and who says no origin');
  for (const path of ['/', '/api/v1/status', '/hls/live.m3u8']) {
    const rebound = await ask('GET', `${origin}${path}`, { headers: { host: 'evil.example' } });
    t.match(rebound, { status: 403, json: { code: 'forbidden', action: /allowedHosts/ } }, path);
  }
  t.equal(await upgrade({ host: 'evil.example' }), 403);
  for (const own of [`localhost:${port}`, `onair.local:${port}`, host, `[::1]:${port}`]) {
    const asked = await ask('GET', `${origin}/api/v1/status`, { headers: { host: own } });
    t.equal(asked.status, 200, own);
  }
  await appliance.call('PATCH', '/api/v1/settings', { network: { allowedHosts: ['live.example.org'] } });
  const allowed = await ask('GET', `${origin}/api/v1/status`, { headers: { host: 'live.example.org' } });
  t.equal(allowed.status, 200, 'a name that the operator allows');
});

t.test('what only the operator may', async (t) => {
  const calls: [string, string][] = [
    ['POST', '/api/v1/broadcast'],
    ['DELETE', '/api/v1/broadcast'],
    ['GET', '/api/v1/settings'],
    ['PATCH', '/api/v1/settings'],
  ];
  const { token } = tokenBody.parse((await ask('POST', tokens, { headers: json, body: '{}' })).json);
  for (const [method, path] of calls) {
    const headers = { ...json, authorization: `Bearer ${token}` };
    const answer = await ask(method, `${origin}${path}`, {
      headers,
      ...(/^P/.test(method) ? { body: '{}' } : {}),
    });
    t.match(answer, { status: 401, json: { code: 'unauthorized', action: /button/ } }, `${method} ${path}`);
  }
  t.equal((await appliance.status()).broadcast.state, 'live');
});

t.test('viewer tokens', async (t) => {
  const first = await ask('POST', tokens, { headers: json, body: '{}' });
  t.equal(first.status, 201);
  const { token, expiresAt, viewerId } = tokenBody.parse(first.json);
  t.match(token, /^[\w-]+\.[\w-]+\.[\w-]+$/, 'a JWT');
  t.ok(Date.parse(expiresAt) > Date.now() + 60_000, 'short-lived, yet long enough');
  const second = tokenBody.parse((await ask('POST', tokens)).json);
  t.not(second.viewerId, viewerId, 'a new viewer without a cookie');
  const cookie = `onair_viewer=${randomUUID()}`;
  const known = tokenBody.parse((await ask('POST', tokens, { headers: { cookie } })).json);
  t.equal(known.viewerId, cookie.split('=')[1], 'the same viewer with one');
  const other = await ask('POST', `${origin}/api/v1/streams/${randomUUID()}/tokens`);
  t.match(other, { status: 404, json: { code: 'not-found' } });
  const forged = { ...sdp, authorization: `Bearer ${token.slice(0, -3)}AAA` };
  t.equal((await ask('POST', `${origin}/whep`, { headers: forged, body: offerText() })).status, 401);
});

t.test('a PIN', async (t) => {
  const pin = '4711815';
  await appliance.call('PATCH', '/api/v1/settings', { viewing: { access: 'pin', pin } });
  t.teardown(() => appliance.call('PATCH', '/api/v1/settings', { viewing: { access: 'open', pin: null } }));
  const settings = JSON.stringify(await appliance.call('GET', '/api/v1/settings'));
  t.notMatch(settings, pin, 'it can not be read');
  t.match(settings, '"pin":{"set":true}');
  t.notMatch((await appliance.onair('settings', 'get')).stdout, pin);
  t.notMatch(await appliance.logs(), pin, 'nor does a log tell it');

  const whep = (headers: Record<string, string> = {}) =>
    ask('POST', `${origin}/whep`, { headers: { ...sdp, ...headers }, body: offerText() });
  const hls = (headers: Record<string, string> = {}) => ask('GET', `${origin}/hls/live.m3u8`, { headers });
  t.match(await whep(), { status: 401, json: { code: 'unauthorized', action: /PIN/ } });
  t.match(await hls(), { status: 401 });
  t.equal(await upgrade({}), 401);
  t.equal((await ask('POST', tokens, { headers: json, body: '{}' })).status, 401);
  t.equal((await ask('POST', tokens, { headers: json, body: '{"pin":"0000"}' })).status, 401);

  const right = await ask('POST', tokens, { headers: json, body: JSON.stringify({ pin }) });
  t.equal(right.status, 201);
  const { token } = tokenBody.parse(right.json);
  const [cookie = ''] = (right.headers['set-cookie'] ?? []).map((each) => each.split(';')[0] ?? '');
  t.match(right.headers['set-cookie'], [/^onair_access=.*HttpOnly; SameSite=Strict/]);
  for (const headers of [{ authorization: `Bearer ${token}` }, { cookie }]) {
    const name = Object.keys(headers).join();
    const session = await whep(headers);
    t.equal(session.status, 201, `WHEP with ${name}`);
    await ask('DELETE', `${origin}${session.headers.location}`, { headers });
    const playlist = await hls(headers);
    t.equal(playlist.status, 200, `HLS with ${name}`);
    t.notMatch(playlist.headers['cache-control'], /public/, 'no cache may hand it to others');
    const lancast = await LancastWatch.open(origin, headers);
    t.equal(lancast.heard.length, 1, `LANCast with ${name}`);
    lancast.close();
  }
  const again = await ask('POST', tokens, { headers: { ...json, cookie }, body: '{}' });
  t.equal(again.status, 201, 'the cookie stands for the PIN, also where a way in asks for a token');
  const { token: own } = tokenBody.parse(again.json);
  const nova = await NovaClient.connect(
    `${origin.replace('http', 'ws')}/api/v1/streams/${stream.id}/ws?token=${own}`,
  );
  nova.socket.close();
  const signaling = await WireClient.connect(`${origin}/ws/viewer`);
  const hello = { type: 'hello', ts: new Date().toISOString(), payload: { token: own } };
  signaling.socket.send(JSON.stringify(hello));
  t.match(await signaling.next(), /"hello_ack"/);
  signaling.socket.close();
  for (const path of ['/ws/sync', '/ws/session', '/ws']) {
    t.equal((await WireClient.refused(`${origin}${path}`)).status, 401, `${path} without it`);
    (await WireClient.connect(`${origin}${path}`, { headers: { cookie } })).socket.close();
  }
  for (const path of ['/api/v1/rooms', '/api/v1/sessions', '/api/v1/devices']) {
    t.equal((await ask('GET', `${origin}${path}`)).status, 401, `${path} without it`);
    t.equal((await ask('GET', `${origin}${path}`, { headers: { cookie } })).status, 200, `${path} with it`);
  }
  const made = await appliance.call('POST', '/api/v1/pairing', { as: 'token' });
  const operator = { authorization: `Bearer ${(made as { token: string }).token}` };
  t.equal((await hls(operator)).status, 200, 'who operates the box needs no PIN');
  await appliance.call('PATCH', '/api/v1/settings', { viewing: { pin: '99991111' } });
  t.equal((await hls({ cookie })).status, 401, 'another PIN shuts out who knew the old one');
  await appliance.call('PATCH', '/api/v1/settings', { viewing: { pin } });
  const foreign = { authorization: `Bearer ${token}`, origin: 'http://evil.example' };
  t.equal((await whep(foreign)).status, 403, 'pages of other sites may no longer watch');
});

t.test('a page that was refused plays as soon as the PIN is shown', async (t) => {
  const browser = await launchBrowser();
  t.teardown(() => browser.close());
  await appliance.call('PATCH', '/api/v1/settings', { viewing: { access: 'pin', pin: '12345' } });
  const viewer = await ViewerPage.open(browser, origin, { expected: [/./] });
  await viewer.page.evaluate(
    `fetch('/api/v1/streams/${stream.id}/tokens', {
      method: 'POST', headers: {'content-type': 'application/json'}, body: '{"pin":"12345"}',
    })`,
  );
  await viewer.state('live');
  t.ok((await viewer.nextPictures(10)).length === 10, 'with the PIN shown it plays, without a reload');
});
