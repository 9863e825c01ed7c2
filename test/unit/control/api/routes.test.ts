import { get } from 'node:http';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { PinGuesses } from '#control/access/pin-guesses.ts';
import { TokenKeeper } from '#control/access/token-keeper.ts';
import { ViewerIdentity } from '#control/access/viewer-identity.ts';
import { apiRoutes } from '#control/api/routes.ts';
import { settingsRoutes } from '#control/api/settings-routes.ts';
import { EventStream } from '#control/status/event-stream.ts';
import type { StatusReport } from '#control/status/status.ts';
import { ask } from '#test/support/ask.ts';
import { FakeDaemon } from '#test/support/fake-daemon.ts';
import { hubOfFakes } from '#test/support/hub-of-fakes.ts';
import { identity as boxIdentity, openedSettings, streamId } from '#test/support/settings-folder.ts';
import { webServer } from '#test/support/web-server.ts';

t.setTimeout(30_000);

/** The REST API on two loopback ports: as the network and as the link see it. */
async function setUp(t: Test) {
  const hub = hubOfFakes();
  const { clock, broadcast, link } = hub;
  const { store, folder } = await openedSettings(t, { 'settings.json': boxIdentity });
  const settings = () => store.current;
  const tokens = new TokenKeeper({ path: join(folder, 'token.key') });
  await tokens.start();
  const identity = new ViewerIdentity({ tokens, settings });
  let padding = '';
  const bodyFor = (operator: boolean) => ({ operator, state: broadcast.snapshot.state, padding });
  const status = { for: bodyFor, body: bodyFor(false) } as unknown as StatusReport;
  const events = new EventStream({ status: (forOperator) => status.for(forOperator), clock });
  events.start();
  t.teardown(() => events.close());
  const pins = new PinGuesses({ clock });
  const routes = [
    ...apiRoutes({
      ...{ status, events, broadcast, settings, tokens, pins, identity, link },
      audience: { isBanned: () => false },
      director: { webrtcLoad: null },
    }),
    ...settingsRoutes({ settingsStore: store }),
  ];
  const network = await webServer(t, { clock, routes });
  const own = await webServer(t, { clock, routes, authority: 'link' });
  const pad = (bytes: number): void => {
    padding = 'x'.repeat(bytes);
  };
  return { ...hub, store, tokens, events, pad, url: network.url, linkUrl: own.url };
}

/** Follows events; `next` resolves with the data of the next one. */
async function follow(t: Test, url: string) {
  const response = await new Promise<import('node:http').IncomingMessage>((resolve) => get(url, resolve));
  t.teardown(() => response.destroy());
  let text = '';
  let taken = 0;
  response.setEncoding('utf8');
  response.on('data', (chunk) => {
    text += chunk;
  });
  const next = async () => {
    for (;;) {
      const found = [...text.matchAll(/^event: status\ndata: (.*)\n\n/gm)];
      const one = found[taken]?.[1];
      if (one !== undefined) {
        taken += 1;
        return JSON.parse(one);
      }
      await new Promise((resolve) => response.once('data', resolve));
    }
  };
  return { response, next, text: () => text };
}

const json = { 'content-type': 'application/json' };

t.test('health is 200 once all daemons are here, live or not', async (t) => {
  const { url, link, media, egress } = await setUp(t);
  const health = () => ask('GET', `${url}/api/v1/health`);
  t.match(await health(), { status: 503, json: { ready: false, missing: ['media', 'egress', 'panel'] } });
  media.join();
  egress.join();
  new FakeDaemon('panel', link).join();
  t.match(await health(), { status: 200, json: { ready: true, missing: [] } });
  media.leave();
  t.match(await health(), { status: 503, json: { missing: ['media'] } });
});

t.test('going live and stopping are the operator’s', async (t) => {
  const { url, linkUrl, broadcast, media, pipeline } = await setUp(t);
  media.join();
  pipeline('idle');
  for (const [method, path] of [
    ['POST', 'broadcast'],
    ['DELETE', 'broadcast'],
    ['GET', 'settings'],
    ['PATCH', 'settings'],
  ] as const)
    t.match(
      await ask(method, `${url}/api/v1/${path}`),
      { status: 401, json: { code: 'unauthorized' } },
      `${method} ${path}`,
    );
  t.equal(broadcast.snapshot.state, 'offline');
  t.equal((await ask('POST', `${linkUrl}/api/v1/broadcast`)).status, 202);
  t.equal(broadcast.snapshot.state, 'starting');
  t.equal((await ask('POST', `${linkUrl}/api/v1/broadcast`)).status, 202, 'twice is no error');
  t.equal((await ask('DELETE', `${linkUrl}/api/v1/broadcast`)).status, 202);
  t.equal(broadcast.snapshot.state, 'stopping');
});

t.test('settings are read without secrets and changed by a merge patch', async (t) => {
  const { linkUrl, store } = await setUp(t);
  const patch = (body: string, headers: Record<string, string> = json) =>
    ask('PATCH', `${linkUrl}/api/v1/settings`, { headers, body });
  t.match(
    await patch('{"viewing":{"pin":"4711"},"video":{"width":640}}', {
      'content-type': 'application/merge-patch+json',
    }),
    {
      status: 200,
      json: { changed: ['video.width', 'viewing.pin'], effect: 'pipeline', confirmBy: null, notInUse: null },
    },
  );
  const read = await ask('GET', `${linkUrl}/api/v1/settings`);
  t.match(read.json, { video: { width: 640 }, viewing: { pin: { set: true } } });
  t.notMatch(read.text, '4711');
  t.match(await patch('{"video":{"width":641}}'), {
    status: 400,
    json: { code: 'invalid-message', title: /video\.width/ },
  });
  t.match(await patch('[]'), { status: 400 });
  t.match(await patch('{"video":{"width":640}}', { 'content-type': 'text/plain' }), { status: 415 });
  t.equal(store.current.video.width, 640);
});

t.test('a token is for this stream, and keeps the viewer who asks', async (t) => {
  const { url, tokens } = await setUp(t);
  const path = `${url}/api/v1/streams/${streamId}/tokens`;
  const first = await ask('POST', path);
  t.match(first, { status: 201, json: { token: String, viewerId: /^[\da-f-]{36}$/, expiresAt: /Z$/ } });
  t.notOk(first.headers['set-cookie'], 'access is open: nothing to remember');
  t.equal(first.headers['cache-control'], 'no-store');
  const { token, viewerId } = first.json as { token: string; viewerId: string };
  t.same(await tokens.verify(token), { viewerId, streamId });
  const again = await ask('POST', path, { headers: { authorization: `Bearer ${token}` } });
  t.equal(again.json?.viewerId, viewerId);
  const cookie = 'onair_viewer=a1b2c3d4-e5f6-4789-8abc-def012345678';
  t.equal((await ask('POST', path, { headers: { cookie } })).json?.viewerId, cookie.split('=')[1]);
  t.match(await ask('POST', path.replace(streamId, 'other')), { status: 404, json: { code: 'not-found' } });
  t.match(await ask('POST', path, { headers: json, body: '{"pin":1}' }), { status: 400 });
  t.match(await ask('POST', path, { headers: { authorization: 'Bearer x.y.z' } }), { status: 401 });
});

t.test('where a PIN is set it is asked for, and whoever showed it is remembered', async (t) => {
  const { url, store } = await setUp(t);
  await store.patch({ viewing: { access: 'pin', pin: '4711' } });
  const path = `${url}/api/v1/streams/${streamId}/tokens`;
  const show = (pin?: string) => ask('POST', path, { headers: json, body: JSON.stringify({ pin }) });
  t.match(await show(), { status: 401, json: { title: /asks for a PIN/ } });
  t.match(await show('4712'), { status: 401, json: { title: 'That is not the PIN.' } });
  const shown = await show('4711');
  t.match(shown, { status: 201, headers: { 'set-cookie': [/^onair_access=.*HttpOnly; SameSite=Strict/] } });
  const cookie = String(shown.headers['set-cookie']).split(';')[0] ?? '';
  t.equal((await ask('POST', path, { headers: { cookie } })).status, 201, 'it need not be shown again');
});

t.test('guessing a PIN takes long, and typing errors do not', async (t) => {
  const { url, store, clock } = await setUp(t);
  await store.patch({ viewing: { access: 'pin', pin: '4711' } });
  const path = `${url}/api/v1/streams/${streamId}/tokens`;
  const show = (pin: string) => ask('POST', path, { headers: json, body: JSON.stringify({ pin }) });
  for (let guess = 0; guess < 10; guess += 1) t.equal((await show('0000')).status, 401);
  t.match(await show('0000'), {
    status: 429,
    json: { code: 'rate-limited' },
    headers: { 'retry-after': '10' },
  });
  t.equal((await show('4711')).status, 429, 'nor is the right one, or it could be told by this');
  clock.advance(10_000);
  t.equal((await show('4711')).status, 201);
  t.equal((await show('4711')).status, 201, 'right ones are not counted');
  t.equal((await show('0000')).status, 401);
  t.equal((await show('0000')).status, 429);
});

t.test('one machine with many addresses guesses no faster', (t) => {
  const { clock } = hubOfFakes();
  const pins = new PinGuesses({ clock });
  let allowed = 0;
  for (let address = 0; address < 5_000; address += 1) {
    try {
      pins.allow(`fe80::${address}`);
      pins.count(`fe80::${address}`);
      allowed += 1;
    } catch {} // too many
  }
  t.equal(allowed, 60);
  clock.advance(2_000);
  pins.allow('192.168.1.9');
  t.end();
});

t.test('events: the status at once, one for each change, none twice', async (t) => {
  const { url, linkUrl, events, broadcast, clock } = await setUp(t);
  const viewer = await follow(t, `${url}/api/v1/events`);
  const own = await follow(t, `${linkUrl}/api/v1/events`);
  t.match(viewer.response.headers, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  t.match(await viewer.next(), { operator: false, state: 'offline' });
  t.match(await own.next(), { operator: true });
  broadcast.start();
  events.announce();
  events.announce();
  clock.advance(20);
  t.match(await viewer.next(), { state: 'starting' });
  t.match(await own.next(), { operator: true, state: 'starting' });
  clock.advance(15_000);
  broadcast.stop();
  events.announce();
  clock.advance(20);
  t.match(await viewer.next(), { state: 'offline' });
  t.match(viewer.text(), /^: still here$/m);
  t.equal(viewer.text().match(/^event:/gm)?.length, 3);
  t.match(await ask('HEAD', `${url}/api/v1/events`), { status: 200, text: '' });
});

t.test('who reads no events gets the newest when reading again, and costs bounded memory', async (t) => {
  const { url, events, clock, pad } = await setUp(t);
  const slow = await follow(t, `${url}/api/v1/events`);
  await slow.next();
  slow.response.pause();
  for (let change = 1; change <= 200; change += 1) {
    pad(100_000 + change);
    events.announce();
    clock.advance(20);
    if (change % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  slow.response.resume();
  let last = 0;
  let heard = 0;
  while (last !== 100_200) {
    last = (await slow.next()).padding.length;
    heard += 1;
  }
  t.ok(heard < 200, `${heard} of 200`);
});

t.test('no more than 200 listen', async (t) => {
  const { url, events } = await setUp(t);
  const listeners = await Promise.all(Array.from({ length: 200 }, () => follow(t, `${url}/api/v1/events`)));
  t.match(await ask('GET', `${url}/api/v1/events`), { status: 503, json: { code: 'full' } });
  events.close();
  await Promise.all(listeners.map(({ response }) => new Promise((resolve) => response.on('close', resolve))));
});
