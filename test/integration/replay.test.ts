import { execFile } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { launchBrowser } from '../support/browser.ts';
import { ViewerPage } from '../support/viewer-page.ts';

// Going back as far as the recording of the running broadcast reaches, in Chromium and in ffmpeg.

t.setTimeout(200_000);

const run = promisify(execFile);

const [box, browser] = await Promise.all([
  Appliance.start({
    settings: {
      video: { width: 320, height: 240, framesPerSecond: 15, bitrateKbps: 500 },
      hls: { windowSeconds: 6 },
      recording: { mode: 'live' },
    },
  }),
  launchBrowser(),
]);
t.teardown(async () => {
  await browser.close();
  await box.close();
});
const origin = await box.origin();
await box.onair('live');

/** The playlist, once it is as asked for. */
async function playlistUntil(fits: (text: string) => boolean): Promise<string> {
  const dueMs = Date.now() + 60_000;
  for (;;) {
    const answer = await fetch(`${origin}/hls/replay.m3u8`).catch(() => null); // control may be away
    const text = (await answer?.text()) ?? '';
    if (answer?.status === 200 && fits(text)) return text;
    if (Date.now() > dueMs) throw new Error(`still ${answer?.status} ${text}`);
    await wait(100);
  }
}

const secondsOf = (text: string): number =>
  [...text.matchAll(/#EXTINF:([\d.]+)/g)].reduce((sum, [, seconds]) => sum + Number(seconds), 0);

t.test('a viewer goes back further than the live window, and to live again', async (t) => {
  const viewer = await ViewerPage.open(browser, origin);
  await viewer.state('live', null, 40_000);
  await playlistUntil((text) => secondsOf(text) >= 20);
  // Asked for again: the page looks at the status now and then only.
  await viewer.page.reload();
  await viewer.state('live', null, 40_000);
  const bar = viewer.page.locator('#replay');
  await bar.waitFor({ state: 'visible', timeout: 20_000 });
  await bar.evaluate((input: HTMLInputElement) => {
    input.value = '-18';
    input.dispatchEvent(new Event('change'));
  });
  const behindMs = async (): Promise<number> => {
    const [shown] = await viewer.nextPictures(1, 20_000);
    return shown ? shown.atMs - (shown.clockMs ?? shown.atMs) : Number.NaN;
  };
  const until = async (fits: (ms: number) => boolean): Promise<number> => {
    const dueMs = Date.now() + 40_000;
    for (;;) {
      const ms = await behindMs();
      if (fits(ms)) return ms;
      if (Date.now() > dueMs) throw new Error(`still ${ms} ms behind`);
    }
  };
  t.comment(`${await until((ms) => ms > 15_000 && ms < 22_000)} ms behind`);
  t.match(await viewer.text('state-heading'), /behind live|^$/i);
  await viewer.page.keyboard.press('l');
  t.comment(`${await until((ms) => ms < 4_000)} ms behind`);
  t.same(viewer.problems, []);
  await viewer.page.close();
});

t.test('as a playlist: EVENT, across files, for players that know no more', async (t) => {
  const before = await playlistUntil((text) => secondsOf(text) >= 8);
  t.match(before, /#EXT-X-PLAYLIST-TYPE:EVENT\n/);
  t.match(before, /#EXT-X-MAP:URI="replay\/[^"]+\/0-\d+\.mp4"\n#EXT-X-PROGRAM-DATE-TIME:/);
  t.notMatch(before, /ENDLIST/);
  // The recorder is killed: another file, and the list goes on. So it does through a restart of control.
  const { stdout } = await run('pgrep', [
    '-P',
    String((await box.status()).daemons.outputs?.pid),
    '-f',
    'recorder',
  ]);
  process.kill(Number(stdout.trim().split('\n')[0]), 'SIGKILL');
  const files = (text: string): number => new Set(text.match(/replay\/[^/]+(?=\/0-)/g)).size;
  const both = await playlistUntil((text) => files(text) === 2);
  t.equal(both.match(/#EXT-X-DISCONTINUITY\n/g)?.length, 1);
  await box.kill('control');
  const found = await playlistUntil((text) => files(text) === 2 && secondsOf(text) >= secondsOf(both));
  t.ok(found.startsWith(both.slice(0, both.indexOf('#EXT-X-PROGRAM'))), 'it begins where it began');

  const { stderr } = await run('ffmpeg', [
    ...['-v', 'error', '-live_start_index', '0', '-i', `${origin}/hls/replay.m3u8`],
    ...['-t', '6', '-f', 'null', '-'],
  ]);
  t.equal(stderr, '');

  const [, slice = ''] = /^(replay\/.+\.mp4)$/m.exec(found) ?? [];
  const [, folder = ''] = /^(replay\/.+)\//.exec(slice) ?? [];
  for (const [name, status] of [
    [slice, 200],
    [`${folder}/0-999999.mp4`, 404],
    [`${folder}/5-1.mp4`, 404],
    ['replay/..%2F..%2Fsettings/0-10.mp4', 404],
    ['replay/%E0%A4%A/0-10.mp4', 404],
    ['replay/nothing/0-10.mp4', 404],
  ] as const)
    t.equal((await fetch(`${origin}/hls/${name}`)).status, status, name);
  await box.call('PATCH', '/api/v1/settings', { viewing: { replay: false } });
  t.equal((await fetch(`${origin}/hls/replay.m3u8`)).status, 404);
  t.equal((await fetch(`${origin}/hls/${slice}`)).status, 404);
  await box.call('PATCH', '/api/v1/settings', { viewing: { replay: true } });
  await box.onair('stop');
  t.equal((await fetch(`${origin}/hls/replay.m3u8`)).status, 404, 'it ends with the broadcast');
});
