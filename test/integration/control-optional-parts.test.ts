import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import type { LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import { BareControl } from '../support/bare-control.ts';
import { hasRedis, TestRedis } from '../support/redis.ts';

t.setTimeout(240_000);
const withinMs = 30_000;

const says = (code: string) => (status: LinkStatusBody) =>
  status.problems.some((problem) => problem.code === code);

t.test('a Redis that is away: control serves, says so, and says so no longer once it is there', async (t) => {
  const unused = createServer().listen(0, '127.0.0.1');
  await once(unused, 'listening');
  const { port } = unused.address() as AddressInfo;
  await new Promise((resolve) => unused.close(resolve));
  const control = await BareControl.make(t, { hub: { redisUrl: `redis://127.0.0.1:${port}` } });
  control.start();
  const status = await control.box.until(says('redis-unreachable'), withinMs);
  t.match(
    status.problems.find(({ code }) => code === 'redis-unreachable'),
    { message: /Redis cannot be reached/, action: /hub\.redisUrl/ },
  );
  t.notMatch(control.printed, /createClient is not a function/);
  if (!hasRedis()) return;
  const redis = await TestRedis.start(port);
  t.teardown(() => redis.close());
  await control.box.until((now) => !says('redis-unreachable')(now), withinMs);
  await control.box.call('POST', '/api/v1/devices', { id: 'other', name: 'Other' });
  t.match(await control.box.call('GET', '/api/v1/devices'), { devices: [{}, { id: 'other' }] });
  t.equal(await control.stop(), 0);
});

t.test('a hub that is away or refuses is named in the status, by its cause', async (t) => {
  const refusing = createServer((_, response) => response.writeHead(401).end()).listen(0, '127.0.0.1');
  t.teardown(() => refusing.close());
  await once(refusing, 'listening');
  const { port } = refusing.address() as AddressInfo;
  const control = await BareControl.make(t, { hub: { url: `ws://127.0.0.1:${port}`, key: 'abc' } });
  control.start();
  const { problems } = await control.box.until(says('hub-unreachable'), withinMs);
  t.match(problems, [{ message: /401/, action: /hub\.key/ }]);
  await control.box.call('PATCH', '/api/v1/settings', { hub: { url: null } });
  await control.box.until((status) => status.problems.length === 0, withinMs);
});

t.test('values that a header or an address does not take are refused, and nothing is stored', async (t) => {
  const control = await BareControl.make(t);
  control.start();
  await control.box.until(() => true, withinMs);
  const before = await readFile(join(control.folder, 'settings.json'), 'utf8');
  for (const [hub, said] of [
    [{ key: 'a\u0100b' }, /hub\.key: must be letters/],
    [{ key: 'a\r\nx: y' }, /hub\.key: must be letters/],
    [{ key: '' }, /hub\.key/],
    [{ url: 'ws://me:secret@hub.local' }, /hub\.url: must not name a user.*hub\.key/],
    [{ url: 'http://hub.local' }, /hub\.url: must be ws:/],
    [{ redisUrl: 'redis://127.0.0.1/abc' }, /hub\.redisUrl: must end with/],
    [{ redisUrl: 'redis://u:%E0%A4%A@127.0.0.1' }, /hub\.redisUrl/],
  ] as const)
    await t.rejects(control.box.call('PATCH', '/api/v1/settings', { hub }), said, JSON.stringify(hub));
  t.equal(await readFile(join(control.folder, 'settings.json'), 'utf8'), before);
  t.equal((await control.box.until(() => true, withinMs)).daemons.control?.pid, control.pid);
});

t.test('control starts with whatever a settings file holds', async (t) => {
  for (const hub of [
    { redisUrl: 'redis://' },
    { redisUrl: 'redis://127.0.0.1:1/7' },
    { redisUrl: 'rediss://[::1]:1' },
    { redisUrl: 'redis://127.0.0.1/x' },
    { url: 'ws://127.0.0.1:1', key: 'sch\u00f6n\u4e2d' },
    { url: 'wss://127.0.0.1:0/a/b?c#d', key: '\u0000' },
    { url: 'ws://user:pass@127.0.0.1:1' },
  ]) {
    const control = await BareControl.make(t, { hub });
    control.start();
    const { problems } = await control.box.until((status) => status.problems.length > 0, withinMs);
    t.not(problems.length, 0, `${JSON.stringify(hub)} is told: ${problems[0]?.message}`);
    t.equal(await control.stop(), 0);
  }
});

t.test('three falls within a minute: the last settings that worked hold, and it says so', async (t) => {
  const control = await BareControl.make(t, { viewing: { maxViewers: 77 }, hls: { partMs: 500 } });
  await writeFile(
    join(control.folder, 'settings.proven.json'),
    JSON.stringify({ version: 1, device: { id: 'other' }, viewing: { maxViewers: 55 } }),
  );
  // Once control has begun to start, an error that nobody catches.
  const throwing = encodeURIComponent(`
    import { existsSync, readFileSync } from 'node:fs';
    const record = process.env.ONAIR_STATE + '/control-starts.json';
    setInterval(() => {
      if (existsSync(record) && readFileSync(record, 'utf8').includes('starting')) throw new Error('struck');
    }, 1);`);
  for (let fall = 1; fall <= 3; fall += 1) {
    const child = control.start({ NODE_OPTIONS: `--import data:text/javascript,${throwing}` });
    t.match(await once(child, 'exit'), [1, null], `fall ${fall}`);
  }
  control.start();
  const { problems, device } = await control.box.until(() => true, withinMs);
  t.equal(device.id, 'box-1', 'it stays who it is');
  t.match(problems, [
    { code: 'settings-put-back', message: /three times.*viewing\.maxViewers.*hls\.partMs/ },
  ]);
  t.match(await control.box.call('GET', '/api/v1/settings'), {
    viewing: { maxViewers: 55 },
    hls: { partMs: 200 },
  });
  t.match(JSON.parse(await readFile(join(control.folder, 'settings.failed.json'), 'utf8')), {
    settings: { viewing: { maxViewers: 77 } },
  });

  t.equal(await control.stop(), 0);
  control.start();
  t.ok(says('settings-put-back')(await control.box.until(() => true, withinMs)), 'also after another start');
  await control.box.call('PATCH', '/api/v1/settings', { viewing: { maxViewers: 60 } });
  await control.box.until((status) => status.problems.length === 0, withinMs);
});

t.test('a control that is killed while it serves has not fallen', async (t) => {
  const control = await BareControl.make(t, { viewing: { maxViewers: 77 } });
  for (let turn = 0; turn < 4; turn += 1) {
    const child = control.start();
    await control.box.until(({ ports }) => ports.http !== null, withinMs);
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  control.start();
  const { audience, problems } = await control.box.until(() => true, withinMs);
  t.equal(audience.max, 77);
  t.same(problems, []);
});
