import t from 'tap';
import type { BroadcastDirector } from '#control/broadcast/broadcast-director.ts';
import { followQuality } from '#control/broadcast/quality-follower.ts';
import { Broadcast } from '#control/domain/broadcast.ts';
import { EncoderLoad } from '#control/domain/encoder-load.ts';
import type { LinkHost } from '#control/link/link-host.ts';
import type { SettingsStore } from '#control/settings/settings-store.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import { StreamQuality } from '#core/domain/quality.ts';
import { initialSettings } from '#core/domain/settings.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

const encoded = {
  encoder: 'x264enc',
  width: 1280,
  height: 720,
  framesPerSecond: 30,
  bitrateKbps: 3_000,
  audio: true,
  source: 'test',
};
type Format = typeof encoded;

/** What media and the settings say reaches the domain. */
function follow() {
  const clock = new DrivenClock();
  const broadcast = new Broadcast({ clock });
  const quality = new StreamQuality({ clock });
  const encoderLoad = new EncoderLoad({ clock });
  const link: Pick<LinkHost, 'events'> = { events: new EventHub() };
  const settingsStore: Pick<SettingsStore, 'events'> = { events: new EventHub() };
  const director: { format: Format | null; events: BroadcastDirector['events'] } = {
    format: null,
    events: new EventHub(),
  };
  const settings = initialSettings({ deviceId: 'box-1', streamId: '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f' });
  followQuality({ quality, encoderLoad, broadcast, director, link, settingsStore, settings: () => settings });
  const told: string[] = [];
  quality.events.on('qualityChanged', ({ previous, current, reason }) =>
    told.push(
      `${previous.height}p${previous.bitrateKbps} to ${current.height}p${current.bitrateKbps}: ${reason}`,
    ),
  );
  encoderLoad.events.on('encoderOverrun', ({ framesPerSecond }) => told.push(`${framesPerSecond} fps`));
  const ts = '2026-01-02T03:04:05.000Z';
  const encode = (format: Format | null): void => {
    director.format = format;
    const state = format === null ? 'starting' : 'running';
    link.events.emit('media', {
      type: 'media_state',
      ts,
      payload: { state, pipelineId: 'p', reason: null, format, attempt: 0 },
    });
  };
  const progress = (framesPerSecond: number | null): void =>
    link.events.emit('media', {
      type: 'media_progress',
      ts,
      payload: { pipelineId: 'p', frames: 1, keyFrames: 1, bitrateKbps: 1, framesPerSecond },
    });
  const set = (...changed: string[]): void => settingsStore.events.emit('settingsChanged', { changed });
  const goLive = (): void => {
    broadcast.start();
    encode(encoded);
    broadcast.seePicture();
  };
  return { clock, broadcast, told, encode, progress, set, goLive };
}

t.test('what the broadcaster sets is the broadcaster’s change, once it is encoded', async (t) => {
  const { told, encode, set, goLive } = follow();
  goLive();
  set('video.bitrateKbps');
  t.same(told, []);
  encode({ ...encoded, bitrateKbps: 1_500 });
  set('video.width', 'video.height');
  encode(null);
  encode({ ...encoded, bitrateKbps: 1_500, width: 640, height: 360 });
  t.same(told, ['720p3000 to 720p1500: broadcaster_changed', '720p1500 to 360p1500: broadcaster_changed']);
});

t.test('other settings, sound and encoder are no change of quality', async (t) => {
  const { told, encode, set, goLive } = follow();
  goLive();
  set('broadcast.title', 'viewing.maxViewers');
  encode({ ...encoded, audio: false, encoder: 'v4l2h264enc', source: '/dev/video0' });
  t.same(told, []);
  encode({ ...encoded, height: 480 });
  t.same(told, ['720p3000 to 480p3000: quality_degradation'], 'nobody set that');
});

t.test('between broadcasts nothing is told, and the next begins with what is encoded then', async (t) => {
  const { broadcast, told, encode, goLive } = follow();
  goLive();
  broadcast.stop();
  encode({ ...encoded, bitrateKbps: 500 });
  goLive();
  t.same(told, []);
});

t.test('a box that comes back into a broadcast takes it up', async (t) => {
  const { broadcast, told, encode, set } = follow();
  broadcast.restore({ live: true, startTime: '2026-01-02T03:00:00.000Z' });
  encode(encoded);
  broadcast.seePicture();
  set('video.bitrateKbps');
  encode({ ...encoded, bitrateKbps: 2_000 });
  t.same(told, ['720p3000 to 720p2000: broadcaster_changed']);
});

t.test('an encoder that falls behind is noticed while live, by the rate that is encoded', async (t) => {
  const { clock, broadcast, told, encode, progress, goLive } = follow();
  const slow = (forMs: number): void => {
    for (let passed = 0; passed < forMs; passed += 500) {
      progress(12);
      clock.advance(500);
      if (broadcast.snapshot.state === 'live') broadcast.seePicture();
    }
  };
  slow(10_000);
  t.same(told, [], 'not before it is live');
  goLive();
  slow(2_500);
  encode(null);
  slow(2_500);
  encode(encoded);
  t.same(told, [], 'a new pipeline begins anew');
  slow(4_000);
  t.same(told, ['12 fps']);
});
