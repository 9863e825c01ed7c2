import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { launchBrowser } from '../support/browser.ts';
import { inTime } from '../support/in-time.ts';
import { ViewerPage } from '../support/viewer-page.ts';

t.setTimeout(240_000);

const [appliance, browser] = await Promise.all([
  Appliance.start({ settings: { video: { width: 640, height: 360 } } }),
  launchBrowser(),
]);
t.teardown(async () => {
  await browser.close();
  await appliance.close();
});

t.test('press, pictures and sound over LL-HLS, stop, and again, in a page left open', async (t) => {
  const viewer = await ViewerPage.open(browser, await appliance.origin(), { path: '/?way=hls' });
  await viewer.state('offline');
  const pressedAtMs = Date.now();
  await appliance.press();
  await viewer.state('live', 'hls');
  const first = await viewer.pictureAfter(pressedAtMs);
  t.ok(
    inTime(first.atMs - pressedAtMs, 8_000),
    `press to pictures in the page: ${first.atMs - pressedAtMs} ms`,
  );

  const pictures = await viewer.nextPictures(60);
  const frames = pictures.map(({ frame }) => frame);
  t.notOk(frames.includes(null), 'the stamp is readable in every picture');
  const steps = frames.slice(1).map((frame, at) => (frame ?? 0) - (frames[at] ?? 0));
  t.ok(Math.min(...steps) >= 0, 'the burnt-in counter never goes back');
  t.ok(new Set(frames).size >= 50, `different pictures out of 60: ${new Set(frames).size}`);
  const { atMs = 0, clockMs = 0 } = pictures.at(-1) ?? {};
  const delayMs = atMs - (clockMs ?? 0);
  t.ok(delayMs > 0 && inTime(delayMs, 4_000), `delay from the burnt-in clock: ${delayMs} ms`);
  await viewer.page.click('#sound');
  t.ok((await viewer.sound()) > 0.02, 'the beep is heard from the picture');
  t.equal(viewer.whepPosts, 0, 'WebRTC was never asked for');
  t.equal(await viewer.text('viewers'), '1', 'one page is one viewer, though it uses /ws and /hls');

  await appliance.press();
  await viewer.state('offline');
  await appliance.press();
  const againAtMs = Date.now();
  await viewer.state('live', 'hls');
  const again = await viewer.pictureAfter(againAtMs);
  t.comment(`second press to pictures: ${again.atMs - againAtMs} ms`);
  t.ok((await viewer.sound()) > 0.02, 'and its sound is back as well');
  t.same(viewer.problems, []);
  await viewer.close();
});

t.test('joining a broadcast', async (t) => {
  const viewer = await ViewerPage.open(browser, await appliance.origin(), { path: '/?way=hls' });
  await viewer.state('live', 'hls');
  const joinMs = await viewer.joinMs();
  t.ok(inTime(joinMs, 4_000), `join to first picture: ${joinMs} ms`);
  t.same(viewer.problems, []);
  await viewer.close();
});

/** The server answers, and no packet ever arrives: a network that blocks UDP. */
const withoutUdp = `
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(configuration) { super({ ...configuration, iceTransportPolicy: 'relay' }); }
  };`;

t.test('LL-HLS takes over by itself where WebRTC cannot be had', async (t) => {
  const origin = await appliance.origin();
  const [absent, blocked] = await Promise.all([
    ViewerPage.open(browser, origin, { initScript: 'delete window.RTCPeerConnection;' }),
    ViewerPage.open(browser, origin, { initScript: withoutUdp }),
  ]);
  await Promise.all([absent.state('live', 'hls'), blocked.state('live', 'hls')]);
  t.equal(absent.whepPosts, 0, 'a browser without WebRTC does not ask for it');
  t.ok(blocked.whepPosts > 0, 'one with it tried that first');
  for (const viewer of [absent, blocked]) {
    t.comment(`first picture after ${await viewer.joinMs()} ms`);
    await viewer.nextPictures(10);
    t.same(viewer.problems, []);
  }
});

t.test("a browser of Apple's plays with what it has built in", async (t) => {
  const viewer = await ViewerPage.open(browser, await appliance.origin(), {
    path: '/?way=hls',
    // Chromium has a player of its own as well, and is not asked to use it.
    initScript: "Object.defineProperty(navigator, 'vendor', { value: 'Apple Computer, Inc.' });",
  });
  await viewer.state('live', 'hls', 20_000);
  t.equal((await viewer.nextPictures(10)).length, 10);
  const fetched = (await viewer.page.evaluate(
    'performance.getEntriesByType("resource").map(({ name }) => name)',
  )) as string[];
  t.notOk(
    fetched.some((name) => /assets\/hls/.test(name)),
    'without hls.js',
  );
  t.same(viewer.problems, []);
  await viewer.close();
});
