import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import t from 'tap';
import { TokenKeeper } from '#control/access/token-keeper.ts';
import { NovaBox, streamId } from '../support/nova-box.ts';
import { Refused } from '../support/nova-client.ts';

// nova.md, "Connection Details" and "Connection Refused": who is let in, answered before the upgrade.

const box = await NovaBox.start({ maxViewers: 3 });
t.teardown(() => box.close());
const token = await box.token();

async function refusal(url: string): Promise<Refused> {
  try {
    (await box.connect(url)).terminate();
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
  throw new Error('was let in');
}

t.test('no token, or one that is not valid, is HTTP 401', async (t) => {
  const foreignFolder = await mkdtemp(join(tmpdir(), 'onair-nova-'));
  t.teardown(() => rm(foreignFolder, { recursive: true, force: true }));
  const foreign = new TokenKeeper({ path: join(foreignFolder, 'token.key') });
  await foreign.start();
  const claims = Buffer.from(JSON.stringify({ sub: 'x', stream: streamId })).toString('base64url');
  const cases: Record<string, Record<string, string>> = {
    missing: {},
    empty: { token: '' },
    'no JWT': { token: 'hello' },
    'of another box': { token: (await foreign.issue({ viewerId: randomUUID(), streamId })).token },
    unsigned: { token: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.` },
    altered: { token: `${token.slice(0, -4)}AAAA` },
    endless: { token: 'x'.repeat(8_000) },
  };
  for (const [name, query] of Object.entries(cases)) {
    const { status, body } = await refusal(box.url(query));
    t.equal(status, 401, name);
    t.match(body, { code: 'unauthorized', error_code: 'CONNECTION_REJECTED', action: String });
  }
});

t.test('an expired token is HTTP 401, and says so', async (t) => {
  const stale = await expiredToken();
  const { status, body } = await refusal(box.url({ token: stale }));
  t.equal(status, 401);
  t.match(body.title, /expired/);
});

/** Signed with the box's own key, an hour too old. */
async function expiredToken(): Promise<string> {
  const { payload, key } = await box.tokenParts();
  return await new SignJWT({ stream: streamId })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(randomUUID())
    .setIssuer(payload.iss)
    .setAudience(payload.aud)
    .setIssuedAt(Math.floor(Date.now() / 1000) - 7_200)
    .setExpirationTime(Math.floor(Date.now() / 1000) - 3_600)
    .sign(key);
}

t.test('an unknown stream is HTTP 404', async (t) => {
  for (const id of [randomUUID(), 'none', encodeURIComponent('../status')]) {
    const { status, body } = await refusal(box.url({ token }, id));
    t.equal(status, 404, id);
    t.match(body, { code: 'not-found', error_code: 'STREAM_NOT_FOUND' });
  }
});

t.test('a stranger learns nothing of which streams there are', async (t) => {
  t.equal((await refusal(box.url({}, randomUUID()))).status, 401);
  t.equal((await refusal(box.url({}, streamId))).status, 401);
});

t.test('a token of another stream is HTTP 403', async (t) => {
  const other = await box.token(randomUUID(), randomUUID());
  const { status, body } = await refusal(box.url({ token: other }));
  t.equal(status, 403);
  t.match(body, { code: 'forbidden', error_code: 'UNAUTHORIZED' });
});

t.test('protocol: another major is HTTP 400, absent or empty is 1.0, any 1 will do', async (t) => {
  for (const protocol of ['2.0', '2', '0.9', '10.0', 'one', '1.0; drop', '1.x', '-1', '1.']) {
    const { status, body } = await refusal(box.url({ token, protocol }));
    t.equal(status, 400, `protocol=${protocol}`);
    t.match(body, { code: 'version-mismatch', error_code: 'PROTOCOL_ERROR', action: /protocol=1\.0/ });
  }
  for (const protocol of [undefined, '', '1.0', '1', '1.7', '1.0.3']) {
    const client = await box.connect(box.url({ token, ...(protocol === undefined ? {} : { protocol }) }));
    t.equal((await client.next('connection_established')).protocol_version, '1.0', `protocol=${protocol}`);
    await client.leave();
    await box.viewers(0);
  }
  t.equal((await refusal(box.url({ protocol: '2.0' }))).status, 400, 'told even to who has no token');
});

t.test('the stream’s id counts in either case', async (t) => {
  const client = await box.connect(box.url({ token }, streamId.toUpperCase()));
  t.equal((await client.next('connection_established')).stream_id, streamId);
  await client.leave();
  await box.viewers(0);
});

t.test('a full house is HTTP 403, and room again when somebody leaves', async (t) => {
  const clients = await Promise.all([box.join(), box.join(), box.join()]);
  const { status, body } = await refusal(box.url({ token }));
  t.equal(status, 403);
  t.match(body, { code: 'full', error_code: 'CONNECTION_REJECTED', action: String });
  await clients[0].leave();
  await box.viewers(2);
  const client = await box.connect(box.url({ token }));
  t.equal(box.audience.viewers, 3);
  for (const each of [client, ...clients.slice(1)]) await each.leave();
  await box.viewers(0);
});

t.test('the last place is given once, however many come for it at one time', async (t) => {
  const first = await Promise.all([box.join(), box.join()]);
  const urls = await Promise.all(
    Array.from({ length: 8 }, async () => box.url({ token: await box.token() })),
  );
  const outcomes = await Promise.allSettled(urls.map((url) => box.connect(url)));
  const admitted = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  t.equal(admitted.length, 1);
  t.ok(refused.every((reason) => reason instanceof Refused && reason.status === 403));
  for (const client of [...first, ...admitted]) await client.leave();
  await box.viewers(0);
});

t.test('two tabs of one viewer are two, each with its own session', async (t) => {
  const viewerId = randomUUID();
  const tabs = await Promise.all([box.join(viewerId), box.join(viewerId)]);
  const [one, other] = await Promise.all(tabs.map((tab) => tab.next('connection_established')));
  t.equal(one?.viewer_id, viewerId);
  t.equal(other?.viewer_id, viewerId);
  t.not(one?.session_id, other?.session_id);
  t.match(one?.session_id, /^session_\S+$/);
  t.equal(box.audience.viewers, 2);
  for (const tab of tabs) await tab.leave();
  await box.viewers(0);
});

t.test('one viewer who comes another way too is one', async (t) => {
  const viewerId = randomUUID();
  const seat = box.audience.enter(viewerId, 'lancast');
  const client = await box.join(viewerId);
  t.equal(box.audience.viewers, 1);
  seat.leave();
  t.equal(box.audience.viewers, 1);
  await client.leave();
  await box.viewers(0);
});
