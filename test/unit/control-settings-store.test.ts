import { chmod, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { mergePatch } from '#control/merge-patch.ts';
import type { Migration } from '#control/settings-migrations.ts';
import { readAt } from '#core/domain/json.ts';
import { PowerCuts } from '../support/power-cuts.ts';
import { identity, openedSettings, streamId } from '../support/settings-folder.ts';

t.test('the first start makes identities, and the next one finds them', async (t) => {
  const { store, open, log } = await openedSettings(t);
  const { device, broadcast } = store.current;
  t.match(device.id, /^[\da-f-]{36}$/);
  t.match(broadcast.streamId, /^[\da-f-]{36}$/);
  t.not(device.id, broadcast.streamId);
  const again = await open();
  t.same(again.current, store.current);
  t.same(log, []);
});

t.test('a patch is checked, stored, told, and there after a restart', async (t) => {
  const { store, open, told } = await openedSettings(t, { 'settings.json': identity });
  const change = await store.patch({ video: { bitrateKbps: 5_000 }, broadcast: { title: 'Match' } });
  t.same(change, { changed: ['broadcast.title', 'video.bitrateKbps'], effect: 'none', confirmBy: null });
  t.same(told, [['broadcast.title', 'video.bitrateKbps']]);
  t.equal(store.current.video.bitrateKbps, 5_000);
  t.equal(store.current.video.width, 1280, 'what it does not name stays');
  t.same((await open()).current, store.current);
});

t.test('the heaviest effect of a change is its effect', async (t) => {
  const { store } = await openedSettings(t, { 'settings.json': identity });
  t.equal((await store.patch({ video: { width: 640 }, device: { name: 'Box' } })).effect, 'pipeline');
  t.equal((await store.patch({ network: { hostname: 'cam' }, video: { width: 1280 } })).effect, 'address');
  t.same(await store.patch({ video: { width: 1280 } }), { changed: [], effect: 'none', confirmBy: null });
});

t.test('null puts a setting, or a section, back to its default', async (t) => {
  const { store, stored } = await openedSettings(t, { 'settings.json': identity });
  await store.patch({ video: { width: 640, height: 480 }, viewing: { maxViewers: 50 } });
  t.same((await store.patch({ video: { width: null } })).changed, ['video.width']);
  t.equal(store.current.video.width, 1280);
  t.same((await store.patch({ video: null, viewing: null })).changed, ['video.height', 'viewing.maxViewers']);
  t.same(await stored(), { ...identity, version: 1 });
});

const refused: { patch: string; message: RegExp }[] = [
  { patch: '{"video":{"width":641}}', message: /^video\.width: .*multiple of 2\.$/ },
  { patch: '{"video":{"width":"640","height":1}}', message: /video\.width: .*; video\.height: / },
  { patch: '{"video":7}', message: /video: .*object/ },
  { patch: '{"nonsense":{"a":1}}', message: /^nonsense\.a is not a setting\.$/ },
  { patch: '{"nonsense":{}}', message: /^nonsense is not a setting\.$/ },
  { patch: '{"video":{"zoom":2}}', message: /^video\.zoom is not a setting\.$/ },
  { patch: '{"device":{"id":"other"}}', message: /^device\.id cannot be changed\.$/ },
  { patch: '{"broadcast":{"streamId":null}}', message: /^broadcast\.streamId cannot be changed\.$/ },
  { patch: '{"device":null}', message: /^device cannot be changed\.$/ },
  { patch: '{"__proto__":{"polluted":true}}', message: /__proto__\.polluted is not a setting/ },
  { patch: '{"video":{"__proto__":{"source":"test"}}}', message: /is not a setting/ },
  { patch: '{"constructor":{"prototype":{"polluted":true}}}', message: /is not a setting/ },
  { patch: '{"webrtc":{"iceServers":{"__proto__":{"polluted":true}}}}', message: /webrtc\.iceServers: / },
  { patch: '{"viewing":{"access":"pin"}}', message: /needs a PIN/ },
];
t.test('what is no setting, or out of bounds, changes nothing at all', async (t) => {
  const { store, told, stored } = await openedSettings(t, { 'settings.json': identity });
  const before = store.current;
  for (const { patch, message } of refused) {
    const whole = JSON.parse(`${patch.slice(0, -1)},"audio":{"bitrateKbps":64}}`); // spreading drops __proto__
    await t.rejects(store.patch(whole), { code: 'invalid-message', message }, patch);
  }
  t.equal(store.current, before);
  t.same(told, []);
  t.same(await stored(), identity);
  t.notOk('polluted' in {});
});

t.test('a section that says nothing is no change, even where it holds the identity', async (t) => {
  const { store } = await openedSettings(t, { 'settings.json': identity });
  t.same((await store.patch({ device: {}, video: {} })).changed, []);
  t.same((await store.patch({})).changed, []);
});

t.test('a PIN that is in use cannot be taken away under its viewers', async (t) => {
  const { store } = await openedSettings(t, { 'settings.json': identity });
  await store.patch({ viewing: { access: 'pin', pin: '1234' } });
  await t.rejects(store.patch({ viewing: { pin: null } }), { code: 'invalid-message' });
  await store.patch({ viewing: { access: 'open', pin: null } });
  t.equal(store.current.viewing.pin, null);
});

t.test('secrets are written and never read', async (t) => {
  const { store } = await openedSettings(t, { 'settings.json': identity });
  await store.patch({ viewing: { pin: '4711' }, webrtc: { turn: { secret: 'hush' } } });
  t.match(store.readable, { viewing: { pin: { set: true } }, webrtc: { turn: { secret: { set: true } } } });
  t.notMatch(JSON.stringify(store.readable), /4711|hush/);
  t.equal(store.current.viewing.pin, '4711', 'reading them hid them, and changed nothing');
  await store.patch({ viewing: { pin: null } });
  t.match(store.readable, { viewing: { pin: { set: false } } });
});

t.test('changes made at once are one after the other, and all there', async (t) => {
  const { store, open, told } = await openedSettings(t, { 'settings.json': identity });
  await Promise.all([
    store.patch({ video: { width: 640 } }),
    store.patch({ video: { height: 480 } }),
    store.patch({ video: { width: 641 } }).catch(() => {}),
    store.patch({ audio: { bitrateKbps: 64 } }),
  ]);
  t.match((await open()).current, { video: { width: 640, height: 480 }, audio: { bitrateKbps: 64 } });
  t.same(told, [['video.width'], ['video.height'], ['audio.bitrateKbps']], 'each says its own change');
});

t.test('a change that cannot be stored is refused, and the ones around it are not lost', async (t) => {
  const { store, open, told, folder } = await openedSettings(t, { 'settings.json': identity });
  const cuts = new PowerCuts(folder);
  cuts.start();
  try {
    cuts.failures.set('write settings.json.tmp', 'ENOSPC');
    const failing = store.patch({ video: { width: 640 } });
    await t.rejects(failing, { code: 'unavailable', message: /nothing was changed/, action: /card/ });
    await t.rejects(
      store.reset().then(() => store.patch({ device: { name: 'x' } })),
      { code: 'unavailable' },
    );
    t.equal(store.current.video.width, 1280);
    t.same(told, []);
    cuts.failures.clear();
    await store.patch({ video: { height: 480 } });
  } finally {
    cuts.stop();
  }
  t.match((await open()).current.video, { width: 1280, height: 480 });
});

t.test('what the command line says holds for this run, until somebody sets it by hand', async (t) => {
  const overrides = { video: { source: 'test', width: 640 } };
  const { store, open, stored } = await openedSettings(t, { 'settings.json': identity }, overrides);
  t.match(store.current.video, { source: 'test', width: 640 });
  t.same(await stored(), identity, 'and is not stored');
  await store.patch({ device: { name: 'Box' } });
  t.equal(store.current.video.source, 'test');
  await store.patch({ video: { source: 'csi' } });
  t.match(store.current.video, { source: 'csi', width: 640 });
  await store.patch({ video: { width: null } });
  t.equal(store.current.video.width, 1280, 'null is the default, not the command line');
  t.same(overrides, { video: { source: 'test', width: 640 } }, 'the caller keeps what it gave');
  t.equal((await open()).current.video.source, 'test', 'the next run is told again');
});

t.test(
  'what the command line says and somebody sets by hand is stored, though it changes nothing',
  async (t) => {
    const { store, stored } = await openedSettings(
      t,
      { 'settings.json': identity },
      { video: { source: 'test' } },
    );
    t.same((await store.patch({ video: { source: 'test' } })).changed, []);
    t.equal((await stored()).video.source, 'test');
  },
);

t.test('a command line that says nonsense is refused in words', async (t) => {
  await t.rejects(openedSettings(t, { 'settings.json': identity }, { video: { width: 1 } }), {
    code: 'invalid-message',
    message: /^video\.width: /,
  });
});

t.test('a reset keeps who the box is', async (t) => {
  const { store, open, told } = await openedSettings(t, { 'settings.json': identity });
  await store.patch({ viewing: { access: 'pin', pin: '1234' }, device: { name: 'Box' } });
  told.splice(0);
  const { changed } = await store.reset();
  t.same(changed, ['device.name', 'viewing.access', 'viewing.pin']);
  t.same(told, [changed]);
  t.match((await open()).current, {
    device: { id: 'box-1', name: 'Onair' },
    viewing: { access: 'open', pin: null },
  });
});

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
