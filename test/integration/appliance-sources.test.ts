import { readFileSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import type { SourceList } from '#core/domain/media.ts';
import { Appliance } from '../support/appliance.ts';
import { launchBrowser } from '../support/browser.ts';
import { writeClip } from '../support/media-clip.ts';
import { pngOf } from '../support/png.ts';
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

t.test('a camera is set by what it offers, live, and keeps it', async (t) => {
  const controls = async () => (await list()).sources.find(({ id }) => id === 'test')?.controls ?? [];
  const until = async (name: string, value: unknown): Promise<void> => {
    while ((await controls()).find((each) => each.name === name)?.value !== value);
  };
  const path = '/api/v1/sources/test/controls';
  t.match(
    (await controls()).map(({ name, value }) => [name, value]),
    [
      ['brightness', 0],
      ['contrast', 100],
      ['saturation', 100],
      ['flip', 'none'],
    ],
  );
  await viewer.nextPictures(15);
  const before = await sessions();
  const answer = await appliance.call('PATCH', path, { brightness: 10, flip: 'both' });
  t.match(answer, { controls: [{ name: 'brightness', value: 10 }, {}, {}, { name: 'flip', value: 'both' }] });
  await until('flip', 'both');
  t.match(await appliance.onair('camera', 'test', 'flip=default', 'brightness=-5'), {
    exitCode: 0,
    stdout: /brightness +-5 +-100 to 100 \(default 0\)/,
  });
  await until('flip', 'none');
  await until('brightness', -5);
  t.match(await appliance.call('GET', '/api/v1/settings'), {
    camera: { controls: { test: { brightness: -5 } } },
  });
  t.match(await appliance.onair('camera', 'test', '--json'), { stdout: /"name": ?"brightness"/ });
  await appliance.call('PATCH', path, { brightness: null });
  await until('brightness', 0);
  await viewer.nextPictures(15);
  t.equal((await sessions()).connections, before.connections, 'the same WebRTC session');

  t.match(await appliance.onair('camera', 'test', 'gain=3'), { exitCode: 1, stderr: /does not offer it/ });
  t.match(await appliance.onair('camera', 'test', 'brightness=101'), { exitCode: 1, stderr: /-100 to 100/ });
  t.match(await appliance.onair('camera', 'test', 'sharp=1'), { exitCode: 2, stderr: /NAME=VALUE/ });
  t.match(await appliance.onair('camera', 'rtmp', 'gain=3'), { exitCode: 1, stderr: /can be set/ });
  t.match(await appliance.onair('camera', 'nope'), { exitCode: 1, stderr: /no source nope/ });
  await until('brightness', 0);
});

/** White and grey: two pixels and one. */
const [png, otherPng] = [pngOf([255, 255]), pngOf([128])];

/** Sends a picture over the box's own socket. */
function upload(use: string, bytes: Buffer): Promise<{ status: number; body: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const put = request({
      socketPath: join(appliance.stateDirectory, 'control.sock'),
      method: 'PUT',
      path: `/api/v1/pictures/${use}`,
      headers: { 'content-type': 'application/octet-stream', 'content-length': bytes.length },
    });
    put.on('error', reject);
    put.on('response', (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) }));
    });
    put.end(bytes);
  });
}

t.test('a logo is sent, checked, kept and shown; one at a time', async (t) => {
  const folder = join(appliance.stateDirectory, 'pictures');
  const logo = async () =>
    ((await appliance.call('GET', '/api/v1/settings')) as { overlay: { logo: string | null } }).overlay.logo;
  const half = png.subarray(0, -14);
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  for (const bytes of [half, svg, Buffer.from('no picture'), Buffer.alloc(0)])
    t.match(await upload('logo', bytes), { status: 400, body: { title: /no whole PNG or JPEG/ } });
  t.match(await upload('logo', Buffer.alloc(5_000_000)), { status: 413 });
  t.match(await upload('nope', png), { status: 404 });
  const open = await fetch(`${await appliance.origin()}/api/v1/pictures/logo`, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(png),
  });
  t.equal(open.status, 401, 'nobody but operators');
  t.equal(await logo(), null, 'nothing has changed');
  t.same(await readdir(folder).catch(() => []), []);

  const sent = await upload('logo', png);
  t.match(sent, { status: 200, body: { type: 'png', width: 2, height: 1, bytes: png.length } });
  const path = String(sent.body.path);
  t.equal(await logo(), path);
  t.same(await readFile(path), png);
  t.equal((await stat(path)).mode & 0o777, 0o640, 'media, of the same group, reads it');
  while (processesOf('onair-media-source :overlay').length === 0) await list();
  const other = await upload('logo', otherPng);
  t.match(other, { status: 200 });
  t.same(await readdir(folder), [String(other.body.path).slice(folder.length + 1)], 'the one before is gone');
  await viewer.nextPictures(15);
  t.match(await appliance.status(), { broadcast: { state: 'live', reason: null } });
  await appliance.call('PATCH', '/api/v1/settings', { overlay: { logo: null } });
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
