import { chmod, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { mergePatch } from '#control/settings/merge-patch.ts';
import type { Migration } from '#control/settings/settings-migrations.ts';
import { readAt } from '#core/domain/json.ts';
import { identity, openedSettings, streamId } from '#test/support/settings-folder.ts';

t.test('what a newer version wrote is still there after a change by this one', async (t) => {
  const { store, stored } = await openedSettings(t, {
    'settings.json': { ...identity, future: { a: [1] }, video: { zoom: 2 } },
  });
  await store.patch({ video: { width: 640 } });
  t.same(await stored(), { ...identity, version: 1, future: { a: [1] }, video: { zoom: 2, width: 640 } });
});

t.test('one bad value costs that value and nothing else', async (t) => {
  const { store, log, stored } = await openedSettings(t, {
    'settings.json': {
      device: { id: 'box-1', name: '' },
      broadcast: { streamId, title: 'Match' },
      video: { source: 'nonsense', width: 640 },
      hls: 'fast',
      webrtc: { turn: 7, port: 9000 },
    },
    'settings.json.bak': { device: { id: 'older' }, broadcast: { streamId } },
  });
  t.match(store.current, {
    device: { id: 'box-1', name: 'Onair' },
    broadcast: { title: 'Match' },
    video: { source: 'auto', width: 640 },
    hls: { partMs: 200 },
    webrtc: { port: 9000, turn: { urls: [] } },
  });
  t.equal(log.length, 1);
  for (const key of ['device.name', 'video.source', 'hls', 'webrtc.turn']) t.match(log[0]?.details, key);
  await store.patch({ audio: { bitrateKbps: 64 } });
  t.equal(
    (await stored('settings.json.bak')).video.source,
    'nonsense',
    'what was there before is the backup',
  );
});

t.test('an identity that is damaged comes from the backup, all else stays', async (t) => {
  const { store, log, stored } = await openedSettings(t, {
    'settings.json': { device: { id: 7 }, broadcast: { streamId }, viewing: { maxViewers: 50 } },
    'settings.json.bak': { device: { id: 'box-1' }, broadcast: { streamId: streamId.replace('4', '5') } },
  });
  t.match(store.current, { device: { id: 'box-1' }, broadcast: { streamId }, viewing: { maxViewers: 50 } });
  t.match(await stored(), { device: { id: 'box-1' }, viewing: { maxViewers: 50 } }, 'and is whole again');
  t.match(log[0]?.details, /identity of the box is missing; device\.id/);
});

t.test('an identity that nothing holds any more is made anew, all else stays', async (t) => {
  const { store, open } = await openedSettings(t, {
    'settings.json': { broadcast: { streamId, title: 'Match' }, viewing: { pin: '1234' } },
  });
  t.match(store.current, { broadcast: { streamId, title: 'Match' }, viewing: { pin: '1234' } });
  t.match(store.current.device.id, /^[\da-f-]{36}$/);
  t.equal((await open()).current.device.id, store.current.device.id);
});

t.test('a torn file falls back to its backup', async (t) => {
  const { store, log } = await openedSettings(t, {
    'settings.json': '{"device": {"id": "bo',
    'settings.json.bak': { ...identity, video: { width: 640 } },
  });
  t.match(store.current, { device: { id: 'box-1' }, video: { width: 640 } });
  t.match(log[0]?.message, /falling back to its backup/);
});

t.test('a file that is open to all is its owner’s alone from the start', async (t) => {
  const { store, open, folder } = await openedSettings(t, { 'settings.json': identity });
  await store.patch({ viewing: { pin: '4711' } });
  for (const name of ['settings.json', 'settings.json.bak']) await chmod(join(folder, name), 0o644);
  await writeFile(join(folder, 'settings.json'), 'torn');
  await open();
  for (const name of ['settings.json', 'settings.json.bak'])
    t.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name);
  await store.patch({ viewing: { pin: '4712' } });
  for (const name of ['settings.json', 'settings.json.bak', 'settings.json.unusable'])
    t.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name);
});

t.test('what is wrong with a file is said without what stands in it', async (t) => {
  const { store, log } = await openedSettings(t, {
    'settings.json': '{"viewing":{"pin":"8164"},"webrtc":{"turn":{"secret":"hush-hush" "',
    'settings.json.bak': { ...identity, viewing: { pin: 'no-digits-8164' }, hub: { key: 7 } },
  });
  t.notMatch(JSON.stringify([log, store.problems]), /8164|hush/);
  t.match(store.problems.join(), /an older one holds.*viewing\.pin.*hub\.key/);
});

/** 1: name became device.name. 2: minutes became seconds. */
const steps: Migration[] = [
  ({ name, ...rest }) => mergePatch(rest, { device: { name } }),
  (stored) =>
    mergePatch(stored, { hls: { windowSeconds: Number(readAt(stored, 'hls.windowMinutes')) * 60 } }),
];

t.test('older files are brought to the newest version, each from its own', async (t) => {
  const old = { ...identity, name: 'Old box', hls: { windowMinutes: 1 } };
  const { store, stored, log } = await openedSettings(t, { 'settings.json': old }, {}, steps);
  t.match(store.current, { device: { id: 'box-1', name: 'Old box' }, hls: { windowSeconds: 60 } });
  t.same(log, []);
  await store.patch({ video: { width: 640 } });
  t.match(await stored(), { version: 2, device: { name: 'Old box' }, hls: { windowSeconds: 60 } });
  const newer = { ...identity, version: 1, name: 'kept as it is', hls: { windowMinutes: 2 } };
  const second = await openedSettings(t, { 'settings.json': newer }, {}, steps);
  t.match(second.store.current, { device: { name: 'Onair' }, hls: { windowSeconds: 120 } });
  const current = { ...identity, version: 2, hls: { windowSeconds: 30 } };
  const third = await openedSettings(t, { 'settings.json': current }, {}, steps);
  t.equal(third.store.current.hls.windowSeconds, 30);
});

t.test('a file of a newer box keeps its version and what only that box knows', async (t) => {
  const newer = { ...identity, version: 7, video: { width: 640, source: { kind: 'camera' } }, future: true };
  const { store, stored, log } = await openedSettings(t, { 'settings.json': newer });
  t.match(store.current.video, { width: 640, source: 'auto' });
  t.match(log[0]?.details, /of version 7, this box knows 1.*video\.source/);
  t.match(store.problems.join(), /version 7/);
  await store.patch({ audio: { bitrateKbps: 64 } });
  t.match(await stored(), { version: 7, future: true, audio: { bitrateKbps: 64 } });
});

t.test('a version that is none, or a step that fails, costs nothing but itself', async (t) => {
  for (const version of ['1', -1, 0.5, {}, null]) {
    const { store, log } = await openedSettings(t, {
      'settings.json': JSON.stringify({ ...identity, version, video: { width: 640 } }),
    });
    t.equal(store.current.video.width, 640);
    t.equal(log.length, version === null ? 0 : 1);
  }
  const failing: Migration[] = [
    () => {
      throw new Error('cannot');
    },
  ];
  const { store, log } = await openedSettings(
    t,
    { 'settings.json': { ...identity, video: { width: 640 } } },
    {},
    failing,
  );
  t.equal(store.current.video.width, 640);
  t.match(log[0]?.details, /version 0 could not be brought to version 1/);
});
