import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { decodeJwt, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import t, { type Test } from 'tap';
import { Admissions } from '#control/access/admissions.ts';
import { bearerOf } from '#control/access/request-credentials.ts';
import { TokenKeeper } from '#control/access/token-keeper.ts';
import { ViewerIdentity } from '#control/access/viewer-identity.ts';
import { noGrant } from '#control/domain/grant.ts';
import { initialSettings } from '#core/domain/settings.ts';
import { sameSecret } from '#core/runtime/same-secret.ts';

const streamId = '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f';
const claims = { viewerId: 'viewer-1', streamId };
const invalid = { code: 'unauthorized', message: 'Invalid token', action: /\/tokens/ };

async function keeper(t: Test) {
  const path = join(t.testdir(), 'token.key');
  const tokens = new TokenKeeper({ path });
  await tokens.start();
  return { tokens, path };
}

/** A token as the box makes it, but for what a test says. */
function forged(header: Partial<{ alg: string }> = {}) {
  return new SignJWT({ stream: streamId })
    .setProtectedHeader({ alg: 'HS256', ...header })
    .setSubject('viewer-1')
    .setIssuer('onair')
    .setAudience('onair-viewer')
    .setIssuedAt()
    .setExpirationTime('1h');
}

t.test('a token says who it was given to, for an hour', async (t) => {
  const { tokens } = await keeper(t);
  const { token, expiresAt } = await tokens.issue(claims);
  t.same(await tokens.verify(token), claims);
  const leftMs = Date.parse(expiresAt) - Date.now();
  t.ok(leftMs > 3_590_000 && leftMs <= 3_600_000, `${leftMs} ms left`);
  t.not((await tokens.issue(claims)).token, token, 'no two are the same');
});

t.test('the key is kept for its owner only, and found again', async (t) => {
  const { tokens, path } = await keeper(t);
  t.equal((await stat(path)).mode & 0o777, 0o600);
  t.equal((await readFile(path)).length, 32);
  const again = new TokenKeeper({ path });
  await again.start();
  t.same(await again.verify((await tokens.issue(claims)).token), claims);
});

t.test('a torn key is made anew, for its owner only whatever the old file was', async (t) => {
  const { tokens, path } = await keeper(t);
  const { token } = await tokens.issue(claims);
  await writeFile(path, 'torn');
  await chmod(path, 0o644);
  const again = new TokenKeeper({ path });
  await again.start();
  t.equal((await readFile(path)).length, 32);
  t.equal((await stat(path)).mode & 0o777, 0o600);
  await t.rejects(again.verify(token), invalid, 'what the lost key signed is void');
});

t.test(
  'a key that can be neither read nor stored is not replaced: another one holds until the next start',
  async (t) => {
    const path = t.testdir({ 'in-the-way': '' });
    const tokens = new TokenKeeper({ path });
    await tokens.start();
    const { token } = await tokens.issue({ viewerId: 'anna', streamId: 's' });
    t.match(await tokens.verify(token), { viewerId: 'anna' });
    t.ok((await stat(path)).isDirectory());
  },
);

t.test('only what this box signed, for this use, and in time, is a token', async (t) => {
  const { tokens, path } = await keeper(t);
  const key = await readFile(path);
  t.same(await tokens.verify(await forged().sign(key)), claims, 'the forgery is good where nothing is wrong');
  const { privateKey } = await generateKeyPair('RS256');
  const past = Math.floor(Date.now() / 1000) - 10;
  const good = (await tokens.issue(claims)).token;
  const [head = '', body = '', signature = ''] = good.split('.');
  const changed = Buffer.from(JSON.stringify({ sub: 'admin', stream: 'x' })).toString('base64url');
  const withoutViewer = new SignJWT({ stream: 's' })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('onair')
    .setAudience('onair-viewer')
    .setExpirationTime('1h');
  const cases: [string, string][] = [
    ['another key', await forged().sign(Buffer.alloc(32, 1))],
    ['no key at all', await forged().sign(Buffer.alloc(32))],
    ['another algorithm of the same key', await forged({ alg: 'HS512' }).sign(Buffer.concat([key, key]))],
    ['a public key’s algorithm', await forged({ alg: 'RS256' }).sign(privateKey)],
    ['another audience', await forged().setAudience('onair-operator').sign(key)],
    ['another issuer', await forged().setIssuer('other').sign(key)],
    ['no viewer', await withoutViewer.sign(key)],
    ['not valid yet', await forged().setNotBefore('1h').sign(key)],
    [
      'alg none',
      new UnsecuredJWT({ stream: 's' })
        .setSubject('v')
        .setIssuer('onair')
        .setAudience('onair-viewer')
        .encode(),
    ],
    [
      'alg none with a signature',
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.${signature}`,
    ],
    ['changed claims', `${head}.${changed}.${signature}`],
    ['a signature cut off', `${head}.${body}.`],
    ['two parts', `${head}.${body}`],
    ['nothing', ''],
    ['no token', 'x'.repeat(5_000)],
  ];
  for (const [what, token] of cases) await t.rejects(tokens.verify(token), invalid, what);
  await t.rejects(tokens.verify(await forged().setExpirationTime(past).sign(key)), {
    code: 'unauthorized',
    message: 'The token has expired.',
  });
  const immortal = new SignJWT({ stream: 's' }).setProtectedHeader({ alg: 'HS256' }).setSubject('v');
  await t.rejects(tokens.verify(await immortal.setIssuer('onair').setAudience('onair-viewer').sign(key)), {
    code: 'unauthorized',
  });
});

t.test('secrets are compared whole', (t) => {
  t.equal(sameSecret('1234', '1234'), true);
  for (const other of ['1235', '123', '12345', '', '1234\0']) t.equal(sameSecret('1234', other), false);
  t.end();
});

function requestWith(headers: Record<string, string>, remoteAddress = '192.168.1.7'): IncomingMessage {
  return { headers, socket: { remoteAddress } } as unknown as IncomingMessage;
}

async function identities(t: Test, access: 'open' | 'pin' = 'open') {
  const { tokens } = await keeper(t);
  const settings = initialSettings({ deviceId: 'd', streamId });
  settings.viewing.access = access;
  const identity = new ViewerIdentity({ tokens, settings: () => settings });
  settings.viewing.pin = access === 'pin' ? '4711' : null;
  const { token } = await tokens.issue(claims);
  const accessCookie = async () =>
    (await identity.accessCookie(requestWith({}), { ...claims, ...identity.pinGrant })).split(';')[0] ?? '';
  return { identity, tokens, settings, token, accessCookie };
}

const cookieId = 'a1b2c3d4-e5f6-4789-8abc-def012345678';

t.test('who a viewer is: the token, else the cookie, else nobody known', async (t) => {
  const { identity, token } = await identities(t);
  const cookie = `theme=dark; onair_viewer=${cookieId}`;
  const cases: [string, Record<string, string>, { id: string | null; admitted: boolean }][] = [
    ['nothing', {}, { id: null, admitted: false }],
    ['a cookie', { cookie }, { id: cookieId, admitted: false }],
    ['a token', { authorization: `Bearer ${token}` }, { id: 'viewer-1', admitted: true }],
    ['a token in small letters', { authorization: `bearer  ${token}` }, { id: 'viewer-1', admitted: true }],
    ['both', { authorization: `Bearer ${token}`, cookie }, { id: 'viewer-1', admitted: true }],
    ['the access cookie', { cookie: `onair_access=${token}` }, { id: 'viewer-1', admitted: true }],
    [
      'an access cookie that ended',
      { cookie: `onair_access=x.y.z; onair_viewer=${cookieId}` },
      { id: cookieId, admitted: false },
    ],
    ['another scheme', { authorization: 'Basic dXNlcjpwYXNz', cookie }, { id: cookieId, admitted: false }],
    ['a cookie that is no id', { cookie: 'onair_viewer=short' }, { id: null, admitted: false }],
    ['a cookie with markup', { cookie: `onair_viewer=<b>${cookieId}</b>` }, { id: null, admitted: false }],
    ['an endless cookie', { cookie: `onair_viewer=${'x'.repeat(65)}` }, { id: null, admitted: false }],
    ['broken cookies', { cookie: ';;=;=x; onair_viewer' }, { id: null, admitted: false }],
    [
      'another cookie of a like name',
      { cookie: `x_onair_viewer=${cookieId}` },
      { id: null, admitted: false },
    ],
  ];
  for (const [what, headers, viewer] of cases)
    t.same(await identity.identify(requestWith(headers)), { ...viewer, grant: noGrant }, what);
  await t.rejects(identity.identify(requestWith({ authorization: 'Bearer x.y.z' })), invalid);
  t.equal(bearerOf(requestWith({ authorization: `Bearer ${'x'.repeat(4_097)}` })), null);
});

t.test('where a PIN is set, only a token opens; elsewhere everybody may watch', async (t) => {
  const { identity, settings, tokens, token, accessCookie } = await identities(t, 'pin');
  const refused = { code: 'unauthorized', message: /PIN/, action: /pin/ };
  await t.rejects(identity.admit(requestWith({})), refused);
  await t.rejects(identity.admit(requestWith({ cookie: `onair_viewer=${cookieId}` })), refused);
  const unmarked = requestWith({ authorization: `Bearer ${token}` });
  await t.rejects(identity.admit(unmarked), refused, 'a token says by which PIN');
  t.match(await identity.identify(unmarked), { id: 'viewer-1', admitted: false, grant: noGrant });
  await t.rejects(identity.redeem(token), refused, 'wherever it is taken');
  const { token: marked } = await tokens.issue({ ...claims, ...identity.pinGrant });
  const bearer = requestWith({ authorization: `Bearer ${marked}` });
  t.match(await identity.admit(bearer), { id: 'viewer-1', admitted: true });
  t.match(await identity.redeem(marked), { id: 'viewer-1', grant: identity.pinGrant });
  const cookie = await accessCookie();
  t.match(await identity.admit(requestWith({ cookie })), { id: 'viewer-1' });
  await t.rejects(
    identity.admit(requestWith({ cookie: `onair_access=${token}` })),
    refused,
    'a cookie says by which PIN',
  );
  settings.viewing.pin = '4712';
  await t.rejects(identity.admit(requestWith({ cookie })), refused, 'another PIN is another key');
  await t.rejects(identity.admit(bearer), refused);
  await t.rejects(identity.redeem(marked), refused);
  t.match(await identity.admit(requestWith({ cookie: await accessCookie() })), { id: 'viewer-1' });
  const open = await identities(t);
  t.same(await open.identity.admit(requestWith({})), { id: null, admitted: false, grant: noGrant });
});

t.test('a token is for one stream, unless hubs of many share their key', async (t) => {
  const { identity, settings, tokens } = await identities(t);
  const { token } = await tokens.issue({ ...claims, streamId: 'another' });
  const refused = { code: 'forbidden', subject: 'token' };
  await t.rejects(identity.redeem(token), refused);
  await t.rejects(identity.admit(requestWith({ authorization: `Bearer ${token}` })), refused);
  t.match(await identity.admit(requestWith({ cookie: `onair_access=${token}` })), { admitted: false });
  settings.hub.redisUrl = 'redis://hub.example.org:6379';
  t.match(await identity.redeem(token), { id: 'viewer-1', admitted: true });
});

t.test("an operator's token watches for as long as they operate the box, whatever the PIN", async (t) => {
  const { tokens, settings } = await identities(t, 'pin');
  const hands = new Set(['kim']);
  const identity = new ViewerIdentity({
    tokens,
    settings: () => settings,
    operatorOf: ({ headers }) => (headers['x-operator'] ? { id: String(headers['x-operator']) } : null),
    hasOperator: (id) => hands.has(id),
  });
  const viewer = await identity.identify(requestWith({ 'x-operator': 'kim' }));
  t.same(viewer, {
    ...{ id: null, admitted: true, operator: true },
    grant: { operatorId: 'kim', pinMark: null },
  });
  const { token } = await tokens.issue({ ...claims, ...viewer.grant });
  t.match(await identity.redeem(token), { id: 'viewer-1', admitted: true, operator: undefined });
  settings.viewing.pin = '0815';
  t.match(await identity.redeem(token), { admitted: true });
  hands.delete('kim');
  await t.rejects(identity.redeem(token), { code: 'unauthorized' });
});

t.test('what lasts is ended with its right, once', (t) => {
  let valid = new Set(['old', 'new']);
  const admissions = new Admissions({ isValid: ({ pinMark }) => valid.has(pinMark ?? '') });
  const ended: string[] = [];
  const hold = (pinMark: string, name: string, end: () => void = () => {}) =>
    admissions.hold({ operatorId: null, pinMark }, () => {
      ended.push(name);
      end();
    });
  const release = hold('old', 'left by itself');
  hold('old', 'a socket', () => releaseSession());
  const releaseSession = hold('old', 'its session');
  hold('new', 'kept');
  admissions.review();
  t.same(ended, []);
  release();
  valid = new Set(['new']);
  admissions.review();
  admissions.review();
  t.same(ended, ['a socket']);
  t.end();
});

t.test('who has no cookie is told apart by address alone', async (t) => {
  const { identity } = await identities(t);
  const id = (agent: string, address: string) =>
    identity.fallbackId(requestWith({ 'user-agent': agent }, address));
  t.equal(id('VLC', '192.168.1.7'), id('VLC', '192.168.1.7'));
  t.not(id('VLC', '192.168.1.7'), id('VLC', '192.168.1.8'));
  t.equal(id('VLC', '192.168.1.7'), id('mpv', '192.168.1.7'), 'a name costs nothing');
  t.match(identity.fallbackId(requestWith({})), /^address-[\w-]{22}$/);
});

t.test('a browser is given one id, once, out of reach of scripts', async (t) => {
  const { identity, tokens } = await identities(t, 'pin');
  const cookie = identity.newViewerCookie(requestWith({})) ?? '';
  t.match(cookie, /^onair_viewer=[\da-f-]{36}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
  const sent = cookie.split(';')[0] ?? '';
  t.equal(identity.newViewerCookie(requestWith({ cookie: sent })), null);
  t.match((await identity.identify(requestWith({ cookie: sent }))).id, /^[\da-f-]{36}$/);
  const access = await identity.accessCookie(requestWith({}), claims);
  t.match(access, /^onair_access=[\w.-]+; Path=\/; HttpOnly; SameSite=Strict$/);
  t.notMatch(access, '4711');
  const { exp = 0 } = decodeJwt(access.split(/[=;]/)[1] ?? '');
  t.ok(exp - Date.now() / 1_000 > 80_000, 'it outlasts a broadcast, since HLS shows it with each request');
  t.match(await tokens.verify(access.split(/[=;]/)[1] ?? ''), claims);
});
