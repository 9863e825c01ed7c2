import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import { Appliance } from '../support/appliance.ts';
import { launchBrowser } from '../support/browser.ts';
import { inTime } from '../support/in-time.ts';
import { LancastWatch } from '../support/lancast-watch.ts';
import { untilEnded } from '../support/processes.ts';
import { type Interruption, ViewerPage } from '../support/viewer-page.ts';

/** Connections that break with a daemon are the weather here. */
const brokenConnections = [/ERR_|WebSocket connection|status of 503|status of 404 .*\/whep\//];

t.setTimeout(240_000);
/** `frozenMs.webrtc` of web-ui/player/player.ts. */
const askAgainMs = 1_000;

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

const saysLive = ({ live }: { live: boolean }): boolean => live;

function judge(t: Test, { webrtc: direct, hls: buffered }: Strike, boundMs: number): void {
  t.ok(inTime(direct.overAfterMs, boundMs), `WebRTC: back after ${direct.overAfterMs} ms (${direct.said})`);
  t.ok(
    inTime(buffered.overAfterMs, boundMs),
    `LL-HLS: back after ${buffered.overAfterMs} ms (${buffered.said})`,
  );
}

/**
 * Strikes, and once more where it took longer than it may: what this test wants to know is how the box does, not
 * what else this machine has to do.
 */
async function strikeWithin(t: Test, boundMs: number, once: () => Promise<Strike>): Promise<Strike> {
  const first = await once();
  const tookMs = Math.max(first.webrtc.overAfterMs, first.hls.overAfterMs);
  if (inTime(tookMs, boundMs)) return first;
  t.comment(`pictures were back after ${tookMs} ms; once more`);
  return await once();
}

/** After the death LANCast has said "not live", and in the end "live" again with the same start. */
function judgeTruth(t: Test, lancast: LancastWatch, killedAtMs: number): void {
  const heard = lancast.heard.filter(({ atMs }) => atMs >= killedAtMs);
  t.ok(
    heard.some(({ live }) => !live),
    'LANCast says not live',
  );
  const started = lancast.heard.find(({ live }) => live)?.streamInfo?.startTime;
  t.match(
    heard.at(-1),
    { live: true, streamInfo: { startTime: started } },
    'and live again, since the same time',
  );
}

/** What a viewer has asked for so far: equal before and after where a session survives. */
async function sessions(): Promise<{ connections: number; offers: number }> {
  return { connections: (await webrtc.received()).connections, offers: webrtc.whepPosts };
}

t.test('media is killed', async (t) => {
  const lancast = await LancastWatch.open(origin);
  const before = await sessions();
  const child = await pipelineChild();
  const printedBefore = appliance.output.length;
  const struck = await strikeWithin(t, 2_000, async () => {
    const media = await pidOf('media');
    return await strike(t, media, back('media', media));
  });
  judge(t, struck, 2_000);
  judgeTruth(t, lancast, struck.killedAtMs);
  const printed = appliance.output.slice(printedBefore);
  t.match(printed, /media fell.*retrying.*live /s, 'the demo says what happens');
  t.match(printed, /lights +red (off|flashes).*lights +red on/s, 'and the red light does not lie');
  // Media starts two processes before pictures flow again: a page that waits for them may have begun another session.
  t.same(await sessions(), before, 'the WebRTC session survived', { todo: 'media has to be back sooner' });
  t.same(await untilEnded([child], 5_000), [], 'its pipeline process went with it');
  lancast.close();
});

t.test("media's pipeline process is killed", async (t) => {
  const lancast = await LancastWatch.open(origin);
  let before = await sessions();
  const media = await pidOf('media');
  const struck = await strikeWithin(t, 2_000, async () => {
    before = await sessions();
    const child = await pipelineChild();
    return strike(t, child, ({ broadcast, advancing }) => broadcast.state === 'live' && advancing);
  });
  judge(t, struck, 2_000);
  judgeTruth(t, lancast, struck.killedAtMs);
  // The page asks for another session after a second without pictures: on a slow machine that is right, too.
  const isSlow = struck.webrtc.overAfterMs >= askAgainMs;
  t.same(await sessions(), before, 'the WebRTC session survived', {
    skip: isSlow && `pictures were back after ${struck.webrtc.overAfterMs} ms`,
  });
  t.equal(await pidOf('media'), media, 'media itself went on');
  lancast.close();
});

t.test('panel is killed', async (t) => {
  const lancast = await LancastWatch.open(origin);
  const before = await sessions();
  const struck = await strikeWithin(t, 1_000, async () => {
    const panel = await pidOf('panel');
    return await strike(t, panel, back('panel', panel));
  });
  judge(t, struck, 1_000);
  t.ok(lancast.heard.every(saysLive), 'LANCast says live throughout');
  t.same(await sessions(), before, 'the WebRTC session survived');
  lancast.close();
});

t.test('egress is killed', async (t) => {
  const lancast = await LancastWatch.open(origin);
  const struck = await strikeWithin(t, 2_000, async () => {
    const egress = await pidOf('egress');
    return await strike(t, egress, back('egress', egress));
  });
  judge(t, struck, 2_000);
  t.ok(lancast.heard.every(saysLive), 'LANCast says live throughout, since LL-HLS is');
  t.equal((await appliance.status()).audience.viewers, 3, 'nobody is counted twice');
  lancast.close();
});

t.test('control is killed', async (t) => {
  const struck = await strikeWithin(t, 3_000, async () => {
    const control = await pidOf('control');
    return await strike(t, control, back('control', control));
  });
  judge(t, struck, 3_000);
  await appliance.until(({ audience }) => audience.viewers === 2);
  t.pass('both pages are counted again');
  const lancast = await LancastWatch.open(origin);
  const { broadcast } = await appliance.status();
  t.match(lancast.heard[0], { live: true, streamInfo: { startTime: broadcast.startTime } });
  lancast.close();
});

t.test('the box goes on as if nothing had been', async (t) => {
  t.equal(webrtc.loads, 1, 'no page was reloaded');
  t.equal(hls.loads, 1);
  t.same([...webrtc.problems, ...hls.problems], []);
  await appliance.press();
  await Promise.all([webrtc.state('offline'), hls.state('offline')]);
  await appliance.until(({ broadcast }) => broadcast.state === 'offline');
});
