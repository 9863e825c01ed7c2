import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Ingest } from '#control/ingest/ingest.ts';
import { PublisherStart } from '#control/ingest/publisher-start.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import { initialSettings } from '#core/domain/settings.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { recordedBroadcast } from '#test/support/broadcast-record.ts';

const streamId = '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f';
const nothing = { port: 1935, reason: null, publisher: null, notice: null };

/** Control's ingest with a link that the test speaks on, and a broadcast by a driven clock. */
async function box(
  t: Test,
  { source = 'rtmp', goesLive = true, folder = mkdtempSync(join(tmpdir(), 'onair-start-')) } = {},
) {
  const settings = initialSettings({ deviceId: 'box-1', streamId });
  settings.video.source = source;
  settings.ingest.goesLive = goesLive;
  settings.ingest.key = 'a-key-of-mine';
  const { broadcast, clock, mediaIdle } = recordedBroadcast();
  mediaIdle();
  const told: { type: string; payload: unknown }[] = [];
  const link = {
    events: new EventHub<{ joined: { daemon: string }; left: { daemon: string }; media: unknown }>(),
    sendToMedia: (message: { type: string; payload: unknown }) => told.push(message) > 0,
  };
  const ingest = new Ingest({
    settings: () => settings,
    link: link as never,
    host: () => '192.0.2.7',
    web: () => ({ scheme: 'http', port: 8080 }),
    clock,
  });
  ingest.start();
  const options = {
    ingest,
    broadcast,
    settings: () => settings,
    clock,
    logger: createLogger('test', 'silent'),
  };
  const start = new PublisherStart({ ...options, path: join(folder, 'publisher-start.json') });
  t.teardown(async () => {
    await start.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await start.start();
  const publish = (since: string | null, kind = 'rtmp') => {
    const publisher = since === null ? null : { address: '192.0.2.9', since };
    const payload = { rtmp: nothing, srt: nothing, whip: nothing, [kind]: { ...nothing, publisher } };
    link.events.emit('media', { type: 'media_ingest_report', payload });
  };
  return { start, ingest, broadcast, clock, publish, told, link, settings, folder };
}
const one = '2026-01-02T03:04:05.000Z';
const other = '2026-01-02T03:05:05.000Z';

t.test('a publisher takes the box live, and its broadcast ends 60 s after it left', async (t) => {
  const { broadcast, clock, publish } = await box(t);
  publish(one);
  t.equal(broadcast.snapshot.state, 'starting');
  broadcast.seePicture();
  publish(null);
  clock.advance(59_999);
  t.equal(broadcast.wanted, true);
  publish(other);
  clock.advance(120_000);
  t.equal(broadcast.wanted, true, 'it came back in time');
  publish(null);
  clock.advance(60_000);
  t.equal(broadcast.wanted, false);
  publish(one);
  t.equal(broadcast.wanted, true, 'and begins another one');
});

t.test(
  'it starts nothing where it is not the source, or may not, and ends nothing that it did not begin',
  async (t) => {
    for (const options of [{ source: 'test' }, { source: 'srt' }, { goesLive: false }]) {
      const { broadcast, publish } = await box(t, options);
      publish(one);
      t.equal(broadcast.wanted, false);
    }
    const { broadcast, clock, publish } = await box(t);
    broadcast.start();
    publish(one);
    broadcast.seePicture();
    publish(null);
    clock.advance(600_000);
    t.equal(broadcast.wanted, true);
  },
);

t.test('what the operator stops stays stopped, also after a restart of control', async (t) => {
  const first = await box(t);
  first.publish(one);
  first.broadcast.stop();
  first.publish(one);
  t.equal(first.broadcast.wanted, false);
  await first.start.close();
  const again = await box(t, { folder: first.folder });
  again.publish(one);
  t.equal(again.broadcast.wanted, false, 'it is the one of before');
  again.publish(null);
  again.publish(other);
  t.equal(again.broadcast.wanted, true);
});

t.test('a publisher that left while control was away is missed from its start on', async (t) => {
  const first = await box(t);
  first.publish(one);
  first.broadcast.seePicture();
  await first.start.close();
  const again = await box(t, { folder: first.folder });
  again.broadcast.start();
  again.broadcast.seePicture();
  again.clock.advance(60_000);
  t.equal(again.broadcast.wanted, false);
});

t.test('addresses are ready to paste, and media is told the key', async (t) => {
  const { ingest, link, told, settings, publish } = await box(t);
  publish(null);
  const key = 'a-key-of-mine';
  t.match(ingest.addresses, {
    rtmp: { url: `rtmp://192.0.2.7/live/${key}`, server: 'rtmp://192.0.2.7/live', key },
    srt: { url: `srt://192.0.2.7:1935?streamid=${key}` },
    whip: { url: 'http://192.0.2.7:8080/whip', token: key },
  });
  link.events.emit('joined', { daemon: 'media' });
  t.match(told, [
    { type: 'media_ingest', payload: { key, rtmp: { port: 1935 }, srt: { port: 9710 }, whip: true } },
  ]);
  settings.ingest.rtmp = false;
  ingest.configure();
  t.match(told[1], { payload: { rtmp: null } });
  t.equal(ingest.addresses.rtmp, null);
});
