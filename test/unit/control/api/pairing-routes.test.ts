import { request } from 'node:http';
import t, { type Test } from 'tap';
import { openAccess } from '#control/access/open-access.ts';
import { operatorRoutes } from '#control/api/operator-routes.ts';
import { pairingRoutes } from '#control/api/pairing-routes.ts';
import type { Pairing } from '#control/domain/pairing.ts';
import { TornFiles } from '#control/storage/torn-files.ts';
import { initialSettings } from '#core/domain/settings.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { ask } from '#test/support/ask.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';
import { streamId } from '#test/support/settings-folder.ts';
import { json, routes as plainRoutes } from '#test/support/web-routes.ts';
import { webServer } from '#test/support/web-server.ts';

t.setTimeout(30_000);

/** Pairing on two loopback ports: as the network and as the link see it; `log` is all that was logged. */
async function setUp(t: Test) {
  const clock = new DrivenClock();
  const log: string[] = [];
  const logger = createLogger('test', 'silent');
  const keep = (...said: unknown[]) => void log.push(JSON.stringify(said));
  Object.assign(logger, { info: keep, warn: keep, error: keep });
  const settings = () => initialSettings({ deviceId: 'box-1', streamId });
  const access = await openAccess({
    paths: { dataDirectory: t.testdir() },
    settings: { current: settings, watch: () => {} },
    start: { torn: new TornFiles() },
    clock,
    logger,
  });
  const { pairing, operators } = access;
  t.teardown(() => pairing.close());
  const routes = [
    ...plainRoutes,
    ...pairingRoutes({ pairing, operators, logger }),
    ...operatorRoutes({ operators }),
  ];
  const operator = operators.recognize.bind(operators);
  const network = await webServer(t, { clock, routes, operator });
  const link = await webServer(t, { clock, routes, authority: 'link' });
  const url = `${network.url}/api/v1/pairing`;
  const post = (body: object, headers = {}) =>
    ask('POST', url, { headers: { ...json, ...headers }, body: JSON.stringify(body) });
  const code = async () =>
    String((await ask('POST', `${link.url}/api/v1/pairing/code`, { headers: json })).json?.code);
  return { ...access, clock, log, url, origin: network.url, linkOrigin: link.url, post, code };
}

/** Once somebody waits for the button. */
async function waited(pairing: Pairing): Promise<void> {
  if (pairing.snapshot.waiting) return;
  await new Promise<void>((resolve) => {
    const stop = pairing.events.on('pairingChanged', ({ waiting }) => {
      if (!waiting) return;
      stop();
      resolve();
    });
  });
}

t.test('the answer comes with the press, and its cookie opens what is the operator’s', async (t) => {
  const { pairing, post, url, origin, clock } = await setUp(t);
  const posted = post({ name: 'Kim’s laptop' });
  await waited(pairing);
  t.match((await ask('GET', url)).json, { waiting: true, operator: false, locked: false });
  clock.advance(3_000);
  pairing.press('long', 0);
  const answer = await posted;
  t.equal(answer.status, 201);
  t.same(Object.keys(answer.json ?? {}), ['operatorId'], 'scripts of a page get no secret');
  const [setCookie = ''] = answer.headers['set-cookie'] ?? [];
  t.match(setCookie, /^onair_operator=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; /);
  const cookie = setCookie.split(';')[0] ?? '';
  t.match(await ask('DELETE', `${origin}/state`, { headers: { cookie } }), { status: 202 });
  t.match(await ask('DELETE', `${origin}/state`, { headers: { cookie, origin } }), { status: 202 });
  const foreign = { cookie, origin: 'http://evil.example' };
  t.match(await ask('DELETE', `${origin}/state`, { headers: foreign }), { status: 403 }, 'its own page only');
  t.match(await ask('DELETE', `${origin}/state`), {
    status: 401,
    json: { code: 'unauthorized', action: /Pair/ },
  });
  const asked = await ask('GET', url, { headers: { cookie } });
  t.match(asked.json, { waiting: false, operator: true });
  t.same(asked.headers['set-cookie'], [setCookie], 'it lasts while it is used');
});

t.test('a program takes a token', async (t) => {
  const { post, code, origin } = await setUp(t);
  const answer = await post({ code: await code(), as: 'token' });
  t.equal(answer.status, 201);
  t.notOk(answer.headers['set-cookie']);
  const authorization = `Bearer ${answer.json?.token}`;
  t.match(await ask('DELETE', `${origin}/state`, { headers: { authorization } }), { status: 202 });
  t.match(await ask('DELETE', `${origin}/state`, { headers: { authorization: `${authorization}x` } }), {
    status: 401,
  });
});

t.test('nobody presses', async (t) => {
  const { pairing, post, clock } = await setUp(t);
  const posted = post({});
  await waited(pairing);
  clock.advance(30_000);
  // Not 408: browsers send a request that is answered so again, without telling anybody.
  t.match(await posted, { status: 504, json: { code: 'timeout', action: /hold the button/ } });
});

t.test('two at once', async (t) => {
  const { pairing, post } = await setUp(t);
  const first = post({});
  await waited(pairing);
  const second = await post({});
  for (const answer of [await first, second]) t.match(answer, { status: 409, json: { code: 'conflict' } });
});

t.test('who goes away waits no more, and nobody is let in for them', async (t) => {
  const { pairing, operators, url } = await setUp(t);
  const outgoing = request(url, { method: 'POST', agent: false });
  outgoing.on('error', () => {});
  outgoing.end();
  await waited(pairing);
  const left = new Promise((resolve) => pairing.events.on('pairingChanged', resolve));
  outgoing.destroy();
  t.match(await left, { waiting: false });
  t.equal(pairing.press('short', 0), null);
  t.same(operators.list(null), []);
});

t.test('too many in vain', async (t) => {
  const { pairing, post } = await setUp(t);
  for (let times = 0; times < 5; times += 1) pairing.ask('127.0.0.1')?.leave();
  t.match(await post({}), { status: 429, json: { code: 'rate-limited', action: /3 seconds/ } });
});

t.test('wrong codes', async (t) => {
  const { post, code, url } = await setUp(t);
  const right = await code();
  const wrong = right === '000000' ? '000001' : '000000';
  for (let guess = 0; guess < 5; guess += 1) {
    t.match(await post({ code: wrong }), { status: 401, json: { code: 'unauthorized' } });
  }
  const slowed = await post({ code: wrong });
  t.match(slowed, { status: 429, json: { code: 'rate-limited' }, headers: { 'retry-after': '10' } });
  t.match((await ask('GET', url)).json, { locked: true });
  t.match(await post({ code: right }), { status: 201 });
});

t.test('codes are for the box itself to show', async (t) => {
  const { origin, linkOrigin, post } = await setUp(t);
  t.match(await ask('POST', `${origin}/api/v1/pairing/code`), { status: 403, json: { code: 'forbidden' } });
  const made = await ask('POST', `${linkOrigin}/api/v1/pairing/code`);
  t.match(made, { status: 201, json: { code: /^\d{6}$/ } });
  const odd = [
    { code: '12345' },
    { code: 'abcdef' },
    { code: 123456 },
    { name: '' },
    { name: 'a\u001b[2Jb' },
    { as: 'both' },
    { pin: '1' },
  ];
  for (const body of odd) t.match(await post(body), { status: 400 }, JSON.stringify(body));
});

t.test('who opens the box’s own socket needs no button', async (t) => {
  const { linkOrigin, origin } = await setUp(t);
  const made = await ask('POST', `${linkOrigin}/api/v1/pairing`, {
    headers: json,
    body: '{"as":"token","name":"Cron"}',
  });
  t.equal(made.status, 201);
  const authorization = `Bearer ${made.json?.token}`;
  t.match(await ask('DELETE', `${origin}/state`, { headers: { authorization } }), { status: 202 });
});

t.test('operators are listed and revoked', async (t) => {
  const { post, code, origin, linkOrigin } = await setUp(t);
  const url = `${origin}/api/v1/operators`;
  const kim = await post({ code: await code(), name: 'Kim' });
  const lee = await post({ code: await code(), as: 'token', name: 'Lee' });
  const cookie = String(kim.headers['set-cookie']).split(';')[0] ?? '';
  const authorization = `Bearer ${lee.json?.token}`;
  t.match(await ask('GET', url), { status: 401 });
  t.match((await ask('GET', url, { headers: { cookie } })).json, {
    operators: [
      { id: kim.json?.operatorId, name: 'Kim', current: true },
      { id: lee.json?.operatorId, name: 'Lee', current: false },
    ],
  });
  const leeUrl = `${url}/${lee.json?.operatorId}`;
  t.match(await ask('DELETE', leeUrl), { status: 401 });
  t.match(await ask('DELETE', leeUrl, { headers: { cookie } }), { status: 204 });
  t.match(await ask('GET', url, { headers: { authorization } }), { status: 401 });
  t.match(await ask('DELETE', leeUrl, { headers: { cookie } }), { status: 404 });
  t.match((await ask('GET', `${linkOrigin}/api/v1/operators`)).json?.operators, [
    { name: 'Kim', current: false },
  ]);
  const own = await ask('DELETE', `${url}/${kim.json?.operatorId}`, { headers: { cookie } });
  t.match(own, { status: 204, headers: { 'set-cookie': [/^onair_operator=; .*Max-Age=0/] } });
  t.match(await ask('GET', url, { headers: { cookie } }), { status: 401 });
});

t.test('no code and no secret is in the log', async (t) => {
  const { post, code, log, pairing, clock } = await setUp(t);
  const right = await code();
  await post({ code: '424242' });
  const token = String((await post({ code: right, as: 'token' })).json?.token);
  const posted = post({});
  await waited(pairing);
  clock.advance(3_000);
  pairing.press('long', 0);
  const cookie = String((await posted).headers['set-cookie']).split(/[=;]/)[1] ?? '';
  t.ok(log.length >= 2, 'that somebody paired is');
  for (const secret of [right, '424242', token, cookie]) t.notMatch(log.join('\n'), secret);
});

t.test('a box that restarts forgets who waits', async (t) => {
  const { pairing, post } = await setUp(t);
  const posted = post({});
  await waited(pairing);
  pairing.close();
  t.match(await posted, { status: 503, json: { code: 'unavailable' } });
});
