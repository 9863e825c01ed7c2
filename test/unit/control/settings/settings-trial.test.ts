import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { PowerCuts } from '#test/support/power-cuts.ts';
import { identity, openedSettings } from '#test/support/settings-folder.ts';

const files = { 'settings.json': { ...identity, version: 1 } };
const cutOff = { mayCutOff: true };
/** What was asked for before this is done. */
const settled = (store: { patch(patch: object): Promise<unknown> }) => store.patch({});

t.test('a new address must be confirmed, else the old one is back after 60 s', async (t) => {
  const { store, clock, told, stored } = await openedSettings(t, files);
  const change = await store.patch({ network: { hostname: 'cam' }, device: { name: 'Box' } }, cutOff);
  t.same(change, {
    changed: ['device.name', 'network.hostname'],
    effect: 'address',
    confirmBy: new Date(clock.nowMs() + 60_000).toISOString(),
    notInUse: null,
  });
  t.equal(store.current.network.hostname, 'cam', 'it holds meanwhile');
  clock.advance(59_999);
  await settled(store);
  t.equal(store.current.network.hostname, 'cam');
  clock.advance(1);
  await settled(store);
  t.match(store.current, { network: { hostname: 'onair' }, device: { name: 'Onair' } });
  t.same(told, [change.changed, change.changed], 'and everybody hears of both');
  t.match(await stored(), { ...identity, version: 1 });
  t.notOk('unconfirmed' in (await stored()));
  await t.rejects(store.confirm(), { code: 'conflict' });
});

t.test('what is confirmed stays', async (t) => {
  const { store, clock, stored, told } = await openedSettings(t, files);
  await store.patch({ network: { hostname: 'cam' } }, cutOff);
  t.same(await store.confirm(), {
    changed: ['network.hostname'],
    effect: 'address',
    confirmBy: null,
    notInUse: null,
  });
  clock.advance(120_000);
  await settled(store);
  t.equal(store.current.network.hostname, 'cam');
  t.same(told, [['network.hostname']]);
  t.same(await stored(), { ...identity, version: 1, network: { hostname: 'cam' } });
  t.equal(clock.timers, 0);
});

t.test('who can not be cut off, and what cuts nobody off, needs no confirmation', async (t) => {
  const { store, clock } = await openedSettings(t, files);
  t.equal((await store.patch({ network: { hostname: 'cam' } })).confirmBy, null);
  t.equal((await store.patch({ video: { width: 640 } }, cutOff)).confirmBy, null);
  t.equal(
    (await store.patch({ network: { hostname: 'cam' } }, cutOff)).confirmBy,
    null,
    'it is that already',
  );
  t.equal(clock.timers, 0);
});

t.test('a restart in between takes it back all the same', async (t) => {
  const { store, open, clock } = await openedSettings(t, files);
  await store.patch({ network: { hostname: 'cam' } }, cutOff);
  store.close();
  clock.advance(20_000);
  const again = await open();
  t.equal(again.current.network.hostname, 'cam');
  clock.advance(39_999);
  await settled(again);
  t.equal(again.current.network.hostname, 'cam');
  again.close();
  clock.advance(3_600_000);
  const late = await open();
  clock.advance(0);
  await settled(late);
  t.equal(late.current.network.hostname, 'onair', 'also where the box was off when the time was over');
});

t.test('a restart in between can confirm it', async (t) => {
  const { store, open, clock } = await openedSettings(t, files);
  await store.patch({ network: { hostname: 'cam' } }, cutOff);
  store.close();
  const again = await open();
  await again.confirm();
  again.close();
  const later = await open();
  clock.advance(60_000);
  await settled(later);
  t.equal(later.current.network.hostname, 'cam');
});

t.test('a clock that jumps back prolongs nothing', async (t) => {
  const { store, open, clock } = await openedSettings(t, files);
  await store.patch({ network: { hostname: 'cam' } }, cutOff);
  store.close();
  clock.setWall(0);
  const again = await open();
  clock.advance(60_000);
  await settled(again);
  t.equal(again.current.network.hostname, 'onair');
});

t.test('of two changes on trial what held before both comes back', async (t) => {
  const { store, clock } = await openedSettings(t, files);
  await store.patch({ network: { hostname: 'one' } }, cutOff);
  clock.advance(40_000);
  await store.patch({ network: { hostname: 'two' } }, cutOff);
  clock.advance(40_000);
  await settled(store);
  t.equal(store.current.network.hostname, 'two', 'the later one has its own 60 s');
  clock.advance(20_000);
  await settled(store);
  t.equal(store.current.network.hostname, 'onair');
});

t.test('what is changed back by hand is no trial any more', async (t) => {
  const { store, clock, stored } = await openedSettings(t, files);
  await store.patch({ network: { hostname: 'one' } }, cutOff);
  t.equal((await store.patch({ network: { hostname: null } }, cutOff)).confirmBy, null);
  t.notOk('unconfirmed' in (await stored()));
  t.equal(clock.timers, 0);
});

t.test('what is set on the box itself meanwhile is there to stay', async (t) => {
  const { store, clock } = await openedSettings(t, files);
  await store.patch({ network: { hostname: 'one' }, device: { name: 'Box' } }, cutOff);
  await store.patch({ network: { hostname: 'two' }, video: { width: 640 } });
  clock.advance(60_000);
  await settled(store);
  t.match(store.current, {
    network: { hostname: 'two' },
    video: { width: 640 },
    device: { name: 'Onair' },
  });
});

t.test('a reset ends a trial', async (t) => {
  const { store, clock } = await openedSettings(t, files);
  await store.patch({ network: { hostname: 'one' } }, cutOff);
  await store.reset();
  await store.patch({ network: { hostname: 'two' } });
  clock.advance(60_000);
  await settled(store);
  t.equal(store.current.network.hostname, 'two');
  t.equal(clock.timers, 0);
});

t.test(
  'where it can not be stored that it is taken back, the address is back, and the file still says so',
  async (t) => {
    const { store, open, clock, folder } = await openedSettings(t, files);
    await store.patch({ network: { hostname: 'cam' } }, cutOff);
    const cuts = new PowerCuts(folder);
    cuts.start();
    try {
      cuts.failures.set('write settings.json.tmp', 'ENOSPC');
      clock.advance(60_000);
      await settled(store);
    } finally {
      cuts.stop();
    }
    t.equal(store.current.network.hostname, 'onair');
    t.match(await readFile(join(folder, 'settings.json'), 'utf8'), /unconfirmed/);
    const again = await open();
    clock.advance(0);
    await settled(again);
    t.equal(again.current.network.hostname, 'onair');
  },
);

const hostile: Record<string, unknown> = {
  'no object': 7,
  'no time': { until: 'soon', previous: [{ key: 'network.hostname', value: 'old' }] },
  'nothing to take back': { until: '2026-01-01T00:00:00Z', previous: [] },
  'the identity': { until: '2026-01-01T00:00:00Z', previous: [{ key: 'device.id', value: 'other' }] },
  'what is no setting': { until: '2026-01-01T00:00:00Z', previous: [{ key: '__proto__.x', value: 1 }] },
  'what is out of bounds': { until: '2026-01-01T00:00:00Z', previous: [{ key: 'video.width', value: 1 }] },
};
for (const [what, unconfirmed] of Object.entries(hostile)) {
  t.test(`a file that would take back ${what} takes nothing back`, async (t) => {
    const { store, clock } = await openedSettings(t, {
      'settings.json': { ...identity, version: 1, network: { hostname: 'cam' }, unconfirmed },
    });
    clock.advance(60_000);
    await settled(store);
    t.match(store.current, { device: { id: 'box-1' }, network: { hostname: 'cam' }, video: { width: 1280 } });
    t.notOk('x' in {});
  });
}
