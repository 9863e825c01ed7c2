import { readFile, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Operators } from '#control/access/operators.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';
import { keepingLogger } from '#test/support/link-pair.ts';

function requestWith(headers: Record<string, string>): IncomingMessage {
  return { headers, socket: {} } as unknown as IncomingMessage;
}
const bearing = (token: string) => requestWith({ authorization: `Bearer ${token}` });
const browsing = (secret: string) => requestWith({ cookie: `a=b; onair_operator=${secret}` });

async function setUp(t: Test, folder = t.testdir()) {
  const clock = new DrivenClock();
  const { logger, kept } = keepingLogger();
  const path = join(folder, 'operators.json');
  const open = async (): Promise<Operators> => {
    const operators = new Operators({ path, clock, logger });
    await operators.start();
    return operators;
  };
  return { operators: await open(), open, path, clock, kept };
}

t.test('whoever has the secret is the operator, after a restart too', async (t) => {
  const { operators, open } = await setUp(t);
  t.same(operators.list(null), []);
  const kim = await operators.add('Kim');
  const lee = await operators.add('Lee');
  t.match(kim.secret, /^[\w-]{43}$/);
  t.not(kim.secret, lee.secret);
  for (const one of [operators, await open()]) {
    t.same(one.recognize(bearing(kim.secret)), { id: kim.id });
    t.same(one.recognize(browsing(lee.secret)), { id: lee.id });
    t.match(one.list(kim.id), [
      { id: kim.id, name: 'Kim', current: true },
      { id: lee.id, name: 'Lee', current: false },
    ]);
  }
});

t.test('nothing else is', async (t) => {
  const { operators } = await setUp(t);
  const { id, secret } = await operators.add('Kim');
  const strangers = [
    requestWith({}),
    bearing(''),
    bearing(`${secret}x`),
    bearing(secret.slice(1)),
    bearing(id),
    browsing(''),
    browsing(secret.toLowerCase()),
    browsing('x'.repeat(100_000)),
    requestWith({ authorization: `Basic ${secret}` }),
    requestWith({ cookie: `onair_access=${secret}` }),
  ];
  for (const stranger of strangers) t.equal(operators.recognize(stranger), null);
});

t.test('only a hash is kept, for its owner only', async (t) => {
  const { operators, path } = await setUp(t);
  const { secret } = await operators.add('Kim');
  await operators.add('Lee');
  t.equal((await stat(path)).mode & 0o777, 0o600);
  t.notMatch(await readFile(path, 'utf8'), secret);
  t.notMatch(await readFile(`${path}.bak`, 'utf8'), secret);
  t.notMatch(JSON.stringify(operators.list(null)), /secret|hash/i);
});

t.test('who is revoked is out at once, and stays out where the file is torn', async (t) => {
  const { operators, open, path, kept } = await setUp(t);
  const kim = await operators.add('Kim');
  const lee = await operators.add('Lee');
  await operators.revoke(kim.id);
  t.equal(operators.recognize(bearing(kim.secret)), null);
  t.same(operators.recognize(bearing(lee.secret)), { id: lee.id });
  await t.rejects(operators.revoke(kim.id), { code: 'not-found' });
  await writeFile(path, '{"version":1,"operators":[{');
  const again = await open();
  t.equal(again.recognize(bearing(kim.secret)), null);
  t.same(again.recognize(bearing(lee.secret)), { id: lee.id });
  t.match(kept, [/list of operators cannot be used/]);
  await again.revokeAll();
  t.equal(again.recognize(bearing(lee.secret)), null);
  t.same(again.list(null), []);
  await writeFile(path, '');
  t.same((await open()).list(null), []);
});

t.test('what cannot be read lets nobody in', async (t) => {
  const { operators, open, path } = await setUp(t);
  const { secret } = await operators.add('Kim');
  for (const text of [
    '',
    '[]',
    '{"version":2,"operators":[]}',
    `{"operators":[{"secretHash":"${secret}"}]}`,
  ]) {
    await writeFile(path, text);
    await writeFile(`${path}.bak`, text);
    t.equal((await open()).recognize(bearing(secret)), null, text);
  }
});

t.test('when somebody was seen last', async (t) => {
  const { operators, open, clock } = await setUp(t);
  const { secret } = await operators.add('Kim');
  t.equal(operators.list(null)[0]?.lastSeenAt, null);
  clock.advance(5_000);
  operators.recognize(bearing(secret));
  t.equal(operators.list(null)[0]?.lastSeenAt, new Date(clock.nowMs()).toISOString());
  clock.advance(3_600_000);
  operators.recognize(bearing(secret));
  await operators.add('Lee'); // comes after what the hour made it store
  t.equal((await open()).list(null)[0]?.lastSeenAt, new Date(clock.nowMs()).toISOString());
});

t.test('one too many takes the place of who was away longest', async (t) => {
  const { operators, clock } = await setUp(t);
  const made: { id: string; secret: string }[] = [];
  for (let count = 0; count < 64; count += 1) {
    made.push(await operators.add(`Operator ${count}`));
    clock.advance(1_000);
  }
  const [first, second] = made;
  t.ok(first && operators.recognize(bearing(first.secret)));
  await operators.add('One more');
  t.equal(operators.list(null).length, 64);
  t.ok(first && operators.recognize(bearing(first.secret)), 'who was here just now stays');
  t.equal(second && operators.recognize(bearing(second.secret)), null);
});

t.test('a cookie is out of reach of scripts and of other sites, and lasts while it is used', async (t) => {
  const { operators } = await setUp(t);
  const { secret } = await operators.add('Kim');
  t.match(
    operators.cookie(browsing(secret), secret),
    /^onair_operator=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
  );
  t.equal(operators.renewedCookie(browsing(secret)), operators.cookie(browsing(secret), secret));
  t.equal(operators.renewedCookie(browsing('other')), null);
  t.equal(operators.renewedCookie(bearing(secret)), null);
  t.match(operators.expiredCookie(browsing(secret)), /^onair_operator=; .*Max-Age=0$/);
});
