import t from 'tap';
import { identity, openedSettings, streamId } from '../support/settings-folder.ts';

t.test('what a newer version wrote is still there after a change by this one', async (t) => {
  const { store, stored } = await openedSettings(t, {
    'settings.json': { ...identity, future: { a: [1] }, video: { zoom: 2 } },
  });
  await store.patch({ video: { width: 640 } });
  t.same(await stored(), { ...identity, future: { a: [1] }, video: { zoom: 2, width: 640 } });
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
