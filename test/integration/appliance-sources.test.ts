import { readFileSync } from 'node:fs';
import t from 'tap';
import type { SourceList } from '#core/domain/media.ts';
import { Appliance } from '../support/appliance.ts';
import { launchBrowser } from '../support/browser.ts';
import { writeClip } from '../support/media-clip.ts';
import { descendantsOf } from '../support/processes.ts';
import { ViewerPage } from '../support/viewer-page.ts';

t.setTimeout(240_000);

const clip = `${t.testdir({})}/clip.mp4`;
await writeClip(clip);
const settings = { video: { width: 640, height: 360, fallback: [] } };
const [appliance, browser] = await Promise.all([Appliance.start({ settings }), launchBrowser()]);
t.teardown(async () => {
  await browser.close();
  await appliance.close();
});
await appliance.press();
const viewer = await ViewerPage.open(browser, await appliance.origin());
await viewer.state('live', 'webrtc');
const { broadcast: first } = await appliance.until(({ broadcast }) => broadcast.state === 'live');

const list = async () => (await appliance.call('GET', '/api/v1/sources')) as SourceList;

/** Media's processes of a kind, the eldest first: a source by its id. */
function processesOf(title: string): number[] {
  return descendantsOf(appliance.pid ?? 0).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(title);
    } catch {
      return false;
    }
  });
}
const source = () => processesOf('onair-media-source test').at(-1) ?? 0;
const encoders = () => processesOf('onair-media-encoder').sort((a, b) => a - b);
const sessions = async () => ({ ...(await viewer.received()), offers: viewer.whepPosts });

t.test('what can be on the air', async (t) => {
  t.match(await list(), { onAir: 'test', slate: false });
  const { sources } = await list();
  t.match(
    sources.find(({ id }) => id === 'test'),
    { kind: 'test', state: 'on-air', reason: null },
  );
  for (const id of ['rtmp', 'srt', 'whip'])
    t.match(
      sources.find((each) => each.id === id),
      { state: 'waiting' },
    );
});

t.test('clock and text over the picture come and go in the same session', async (t) => {
  await viewer.nextPictures(15);
  const breaks = async () => {
    const playlist = await (await fetch(`${await appliance.origin()}/hls/media.m3u8`)).text();
    return playlist.match(/#EXT-X-(DISCONTINUITY|MAP:.*)\n/g);
  };
  const [before, breaksBefore] = [await sessions(), await breaks()];
  const [encoder] = encoders();
  const drawer = () => processesOf('onair-media-source :overlay').length;
  t.equal(drawer(), 0, 'nothing runs for an overlay that is not there');
  for (const overlay of [
    { clock: true, text: 'Hello' },
    { text: 'Hello, world' },
    { clock: false, text: '' },
  ]) {
    await appliance.call('PATCH', '/api/v1/settings', { overlay });
    await viewer.nextPictures(15);
    t.equal(drawer(), overlay.text === '' ? 0 : 1);
  }
  const after = await sessions();
  t.equal(after.connections, before.connections, 'the same WebRTC session');
  t.equal(after.offers, before.offers);
  t.equal(encoders()[0], encoder, 'the same encoder');
  t.same(await breaks(), breaksBefore, 'no discontinuity');
});

for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
  t.test(`the source gets ${signal}: the slate, then its picture again, in the same session`, async (t) => {
    await viewer.nextPictures(15);
    const before = await sessions();
    const [encoder] = encoders();
    const struck = source();
    process.kill(struck, signal);
    const struckAtMs = Date.now();
    if (signal === 'SIGSTOP') {
      const { broadcast } = await appliance.until(({ broadcast }) => broadcast.state === 'retrying');
      t.equal(broadcast.startTime, first.startTime, 'the broadcast goes on');
    }
    await viewer.pictureAfter(struckAtMs + 1_000);
    const { broadcast } = await appliance.until(({ broadcast }) => broadcast.state === 'live');
    t.equal(broadcast.startTime, first.startTime);
    t.not(source(), struck, 'another process');
    t.equal(encoders()[0], encoder, 'the same encoder');
    const after = await sessions();
    t.equal(after.connections, before.connections, 'the same WebRTC session');
    t.equal(after.offers, before.offers);
  });
}

t.test('another source is taken, live', async (t) => {
  const encoder = encoders()[0];
  await appliance.call('PATCH', '/api/v1/settings', { video: { fallback: [`file:${clip}`] } });
  t.match(await appliance.onair('sources', 'take', 'file'), { exitCode: 0, stdout: /on the air/ });
  t.match(await list(), { onAir: 'file', slate: false });
  t.match(JSON.parse((await appliance.onair('sources', '--json')).stdout), { onAir: 'file' });
  const refused = await appliance.onair('sources', 'take', 'rtmp');
  t.equal(refused.exitCode, 1, 'nobody publishes there');
  t.match(refused.stderr, /publishes/);
  t.match(await appliance.onair('sources', 'take', 'no-such'), { exitCode: 1 });
  t.match(await list(), { onAir: 'file' }, 'what was on the air stays');
  t.match(await appliance.onair('sources', 'take', 'test'), { exitCode: 0 });
  t.match(await list(), { onAir: 'test' });
  t.equal(encoders()[0], encoder, 'one encoder throughout');
  t.equal((await appliance.status()).broadcast.startTime, first.startTime);
  t.same(viewer.problems, []);
});

t.test('nobody publishes: live waits under the slate, and never fails', async (t) => {
  await appliance.onair('stop');
  await appliance.call('PATCH', '/api/v1/settings', { video: { source: 'rtmp', fallback: [] } });
  await appliance.call('POST', '/api/v1/broadcast');
  const { broadcast } = await appliance.until(({ broadcast }) => broadcast.state === 'retrying');
  t.match(broadcast, { startTime: null, reason: { code: 'no-publisher', action: /onair ingest/ } });
  t.match(await list(), { onAir: null, slate: true });
  await appliance.onair('stop');
});
