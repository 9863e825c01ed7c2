import t from 'tap';
import { PowerCuts } from '#test/support/power-cuts.ts';
import { identity, openedSettings } from '#test/support/settings-folder.ts';

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
  t.same(change, {
    changed: ['broadcast.title', 'video.bitrateKbps'],
    effect: 'none',
    confirmBy: null,
    notInUse: null,
  });
  t.same(told, [['broadcast.title', 'video.bitrateKbps']]);
  t.equal(store.current.video.bitrateKbps, 5_000);
  t.equal(store.current.video.width, 1280, 'what it does not name stays');
  t.same((await open()).current, store.current);
});

t.test('the heaviest effect of a change is its effect', async (t) => {
  const { store } = await openedSettings(t, { 'settings.json': identity });
  t.equal((await store.patch({ video: { width: 640 }, device: { name: 'Box' } })).effect, 'pipeline');
  t.equal((await store.patch({ network: { hostname: 'cam' }, video: { width: 1280 } })).effect, 'address');
  t.same(await store.patch({ video: { width: 1280 } }), {
    changed: [],
    effect: 'none',
    confirmBy: null,
    notInUse: null,
  });
});

t.test(
  'there is always a key for senders: the first one, a new one on request, none taken back',
  async (t) => {
    const old = await openedSettings(t, { 'settings.json': { ...identity, ingest: {} } });
    const first = old.store.current.ingest.key ?? '';
    t.match(first, /^[a-z2-9]{20}$/);
    t.equal((await old.open()).current.ingest.key, first, 'it is stored');
    t.same(old.store.readable.ingest, { ...old.store.current.ingest, key: { set: true } });
    await old.store.patch({ ingest: { key: null } });
    t.match(old.store.current.ingest.key, /^[a-z2-9]{20}$/);
    t.not(old.store.current.ingest.key, first);
    await old.store.patch({ ingest: { key: 'my-own-key', rtmp: false } });
    await old.store.patch({ ingest: null });
    t.match(old.store.current.ingest, { key: /^[a-z2-9]{20}$/, rtmp: true });
  },
);

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
  t.same(changed, ['device.name', 'viewing.access', 'viewing.pin', 'ingest.key']);
  t.match(store.current.ingest.key, /^[a-z2-9]{20}$/, 'with a key that no sender of before has');
  t.same(told, [changed]);
  t.match((await open()).current, {
    device: { id: 'box-1', name: 'Onair' },
    viewing: { access: 'open', pin: null },
  });
});

t.test(
  'passwords in addresses of sources are never answered, and kept where the answer comes back',
  async (t) => {
    const { store } = await openedSettings(t, { 'settings.json': identity });
    const source = 'rtsp://ann:p@ss@cam/1?x=2';
    const fallback = ['srt://far:9710?passphrase=a-long-secret&latency=200', 'test'];
    await store.patch({ video: { source, fallback } });
    const { video } = store.readable as { video: { source: string; fallback: string[] } };
    t.equal(video.source, 'rtsp://***@cam/1?x=2');
    t.same(video.fallback, ['srt://far:9710?passphrase=***&latency=200', 'test']);
    const { source: answered, fallback: others } = video;
    t.same((await store.patch({ video: { source: answered, fallback: others } })).changed, []);
    t.match(store.current.video, { source, fallback });

    const urls = ['https://hooks.example/a?token=1', 'https://hooks.example/b', 'http://[::1]:8123/'];
    await store.patch({ webhooks: { urls } });
    const { webhooks } = store.readable as { webhooks: { urls: string[] } };
    t.same(webhooks.urls, ['https://hooks.example/***', 'https://hooks.example/***', 'http://[::1]:8123/']);
    await store.patch({ webhooks: { urls: [...webhooks.urls, 'https://new.example/c'] } });
    t.same(store.current.webhooks.urls, [...urls, 'https://new.example/c']);
  },
);
