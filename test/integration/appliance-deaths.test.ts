import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { LinkStatusBody } from '#core/protocol/api.ts';
import { Appliance } from '../support/appliance.ts';
import { launchBrowser } from '../support/browser.ts';
import { LancastWatch } from '../support/lancast-watch.ts';
import { type Interruption, ViewerPage } from '../support/viewer-page.ts';

/** Connections that break with a daemon are the weather here. */
const brokenConnections = [/ERR_|WebSocket connection|status of 503|status of 404 .*\/whep\//];

t.setTimeout(90_000);

const [appliance, browser] = await Promise.all([
  Appliance.start({ settings: { video: { width: 640, height: 360, framesPerSecond: 25 } } }),
  launchBrowser(),
]);
t.teardown(async () => {
  await browser.close();
  await appliance.close();
});
const origin = await appliance.origin();
await appliance.press();
/** Both left open through all that follows. */
const webrtc = await ViewerPage.open(browser, origin, { expected: brokenConnections });
const hls = await ViewerPage.open(browser, origin, { path: '/?way=hls', expected: brokenConnections });
await Promise.all([webrtc.state('live', 'webrtc'), hls.state('live', 'hls')]);

/** The process in which the pipeline runs, by media's own word. */
async function pipelineChild(): Promise<number> {
  const log = await readFile(join(appliance.stateDirectory, 'logs', 'media.log'), 'utf8');
  const lines = log.split('\n').filter((line) => line.includes('pictures flow'));
  return JSON.parse(lines.at(-1) ?? '{}').child;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

interface Strike {
  killedAtMs: number;
  webrtc: Interruption;
  hls: Interruption;
}

/**
 * Kills in mid-broadcast, and resolves once all is well again for both pages.
 * @param recovered what the status says then
 */
async function strike(t: Test, pid: number, recovered: (status: LinkStatusBody) => boolean): Promise<Strike> {
  // Both play steadily: what stands still from now on does so because of the kill.
  await Promise.all([webrtc.nextPictures(25), hls.nextPictures(25)]);
  const before = await appliance.status();
  const killedAtMs = Date.now();
  process.kill(pid, 'SIGKILL');
  const after = await appliance.until(recovered);
  t.equal(after.broadcast.startTime, before.broadcast.startTime, 'it is the same broadcast');
  const wellAtMs = Math.max(Date.now(), killedAtMs + 1_000);
  await Promise.all([webrtc.pictureAfter(wellAtMs), hls.pictureAfter(wellAtMs)]);
  await Promise.all([webrtc.nextPictures(25), hls.nextPictures(25)]);
  await Promise.all([webrtc.state('live', 'webrtc'), hls.state('live', 'hls')]);
  return {
    killedAtMs,
    webrtc: await webrtc.interruption(killedAtMs),
    hls: await hls.interruption(killedAtMs),
  };
}

/** The daemon is there again, under another pid, and pictures flow. */
function back(daemon: string, formerPid: number): (status: LinkStatusBody) => boolean {
  return ({ daemons, broadcast, advancing }) =>
    daemons[daemon]?.up === true &&
    daemons[daemon].pid !== formerPid &&
    Object.values(daemons).every(({ up }) => up) &&
    broadcast.state === 'live' &&
    advancing;
}

async function pidOf(daemon: string): Promise<number> {
  return (await appliance.status()).daemons[daemon]?.pid ?? 0;
}

function judge(t: Test, { webrtc: direct, hls: buffered }: Strike, boundMs: number): void {
  t.ok(direct.overAfterMs < boundMs, `WebRTC: back after ${direct.overAfterMs} ms (${direct.said})`);
  t.ok(buffered.overAfterMs < boundMs, `LL-HLS: back after ${buffered.overAfterMs} ms (${buffered.said})`);
}

/** LANCast has said "not live", and "live" again with the same start. */
function judgeTruth(t: Test, lancast: LancastWatch, killedAtMs: number): void {
  const heard = lancast.heard.filter(({ atMs }) => atMs >= killedAtMs);
  t.same([...new Set(heard.map(({ live }) => live))], [false, true], 'LANCast says not live, then live');
  const started = lancast.heard.find(({ live }) => live)?.streamInfo?.startTime;
  t.equal(heard.at(-1)?.streamInfo?.startTime, started, 'with the same start time');
}

for (const what of ['media', 'pipeline'] as const) {
  t.test(`${what === 'media' ? 'media' : "media's pipeline process"} is killed`, async (t) => {
    const lancast = await LancastWatch.open(origin);
    const media = await pidOf('media');
    const child = await pipelineChild();
    const sessions = { connections: (await webrtc.received()).connections, posts: webrtc.whepPosts };
    const struck =
      what === 'media'
        ? await strike(t, media, back('media', media))
        : await strike(t, child, ({ broadcast, advancing }) => broadcast.state === 'live' && advancing);
    judge(t, struck, 2_000);
    judgeTruth(t, lancast, struck.killedAtMs);
    const { connections, state } = await webrtc.received();
    t.same({ connections, posts: webrtc.whepPosts }, sessions, 'the WebRTC session survived');
    t.equal(state, 'connected');
    t.not(await pipelineChild(), child, 'another process delivers');
    t.notOk(isAlive(child), 'the former pipeline process is gone');
    lancast.close();
  });
}

t.test('panel is killed', async (t) => {
  const panel = await pidOf('panel');
  const sessions = { connections: (await webrtc.received()).connections, posts: webrtc.whepPosts };
  const lancast = await LancastWatch.open(origin);
  const struck = await strike(t, panel, back('panel', panel));
  t.ok(struck.webrtc.longestMs < 1_000, `WebRTC: pictures go on (${struck.webrtc.said})`);
  t.ok(struck.hls.longestMs < 1_000, `LL-HLS: pictures go on (${struck.hls.said})`);
  t.ok(
    lancast.heard.every(({ live }) => live),
    'LANCast says live throughout',
  );
  const { connections } = await webrtc.received();
  t.same({ connections, posts: webrtc.whepPosts }, sessions, 'the WebRTC session survived');
  lancast.close();
});

t.test('egress is killed', async (t) => {
  const egress = await pidOf('egress');
  const lancast = await LancastWatch.open(origin);
  const struck = await strike(t, egress, back('egress', egress));
  const { overAfterMs, said } = struck.webrtc;
  t.ok(overAfterMs < 2_000, `WebRTC: back after ${overAfterMs} ms (${said})`);
  t.ok(struck.hls.longestMs < 1_000, `LL-HLS knows nothing of it (${struck.hls.said})`);
  t.ok(
    lancast.heard.every(({ live }) => live),
    'LANCast says live throughout, since LL-HLS is',
  );
  t.equal((await appliance.status()).audience.viewers, 3, 'nobody is counted twice');
  lancast.close();
});

t.test('control is killed', async (t) => {
  const control = await pidOf('control');
  const sessions = { connections: (await webrtc.received()).connections, posts: webrtc.whepPosts };
  const struck = await strike(t, control, back('control', control));
  judge(t, struck, 3_000);
  const { connections } = await webrtc.received();
  t.same({ connections, posts: webrtc.whepPosts }, sessions, 'the WebRTC session survived');
  await appliance.until(({ audience }) => audience.viewers === 2);
  t.pass('both pages are counted again');
});

t.test('the box goes on as if nothing had been', async (t) => {
  t.equal(webrtc.loads, 1, 'no page was reloaded');
  t.equal(hls.loads, 1);
  t.same([...webrtc.problems, ...hls.problems], []);
  await appliance.press();
  await Promise.all([webrtc.state('offline'), hls.state('offline')]);
  await appliance.until(({ broadcast }) => broadcast.state === 'offline');
});
