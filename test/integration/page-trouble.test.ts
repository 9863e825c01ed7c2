import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { violationsOf } from '../support/axe.ts';
import { launchBrowser } from '../support/browser.ts';
import { LancastWatch } from '../support/lancast-watch.ts';
import { ViewerPage } from '../support/viewer-page.ts';

// What can go wrong while people watch: no PIN, no place, no network, no box.

t.setTimeout(240_000);

const settings = {
  video: { width: 320, height: 240, framesPerSecond: 15 },
  broadcast: { resumeOnBoot: true },
};
let appliance = await Appliance.start({ settings });
const browser = await launchBrowser();
t.teardown(async () => {
  await browser.close();
  await appliance.close();
});
const origin = await appliance.origin();
await appliance.press();
await appliance.until(({ advancing }) => advancing, 15_000);

/** Answers that are no, and connections that break, are what is tested here: the browser notes each. */
const refused = /status of (401|429)/;
const broken = /ERR_|WebSocket connection|status of 50|status of 404 .*(\/whep\/|live\.m3u8)/;

async function says(viewer: ViewerPage, id: string, text: RegExp): Promise<void> {
  await viewer.page.locator(`#${id}`, { hasText: text }).waitFor({ timeout: 20_000 });
}

t.test('a PIN', async (t) => {
  await appliance.call('PATCH', '/api/v1/settings', { viewing: { access: 'pin', pin: '4711' } });
  const viewer = await ViewerPage.open(browser, origin, { expected: [refused] });
  await viewer.state('locked', null, 20_000);
  t.same(viewer.problems, [], 'nothing was refused: it was asked for first');
  t.equal(viewer.whepPosts, 0);
  t.equal(await viewer.page.evaluate('document.activeElement.id'), 'pin', 'ready to type');
  await viewer.page.keyboard.type('12');
  await viewer.page.keyboard.press('Enter');
  await says(viewer, 'pin-wrong', /4 to 12 digits/);
  await viewer.page.fill('#pin', '0000');
  await viewer.page.keyboard.press('Enter');
  await says(viewer, 'pin-wrong', /not the PIN/);
  t.same(await violationsOf(viewer.page), [], 'axe-core');
  await viewer.page.fill('#pin', '4711');
  await viewer.page.keyboard.press('Enter');
  await viewer.state('live', 'webrtc', 20_000);
  t.equal((await viewer.nextPictures(5)).length, 5, 'pictures');
  await viewer.page.reload();
  await viewer.state('live', 'webrtc', 20_000);
  t.equal(await viewer.page.locator('#pin-form:visible').count(), 0, 'the browser is known from now on');
  t.same(viewer.problems, []);
  await viewer.close();

  const guesser = await ViewerPage.open(browser, origin, { expected: [refused] });
  await guesser.state('locked', null, 20_000);
  for (let guess = 0; guess < 10; guess += 1) {
    await guesser.page.fill('#pin', `100${guess}`);
    const answer = guesser.page.waitForResponse(/tokens$/);
    await guesser.page.keyboard.press('Enter');
    await answer;
    await guesser.page.waitForSelector('#pin-show:enabled');
  }
  await says(guesser, 'pin-wrong', /Too many wrong PINs\. Please wait 10 seconds/);
  await guesser.close();
  await appliance.call('PATCH', '/api/v1/settings', { viewing: { access: 'open', pin: null } });
});

t.test('ten are in, and the eleventh is told so kindly, and let in when one goes', async (t) => {
  const inside = await Promise.all(Array.from({ length: 10 }, () => LancastWatch.open(origin)));
  await appliance.until(({ audience }) => audience.viewers === 10);
  const eleventh = await ViewerPage.open(browser, origin, { expected: [/status of 503/] });
  await eleventh.state('full', null, 20_000);
  await says(eleventh, 'state-heading', /Every place is taken/);
  await says(eleventh, 'state-text', /as soon as somebody leaves/);
  t.same(await violationsOf(eleventh.page), [], 'axe-core');
  t.equal((await appliance.status()).audience.viewers, 10);
  inside[0]?.close();
  await eleventh.state('live', 'webrtc', 25_000);
  t.equal(eleventh.loads, 1, 'without a reload');
  t.same(eleventh.problems, []);
  for (const each of inside) each.close();
  await eleventh.close();
});

t.test('two who watch, each in another way', async (t) => {
  const watched = await Promise.all([
    ViewerPage.open(browser, origin, { expected: [broken] }),
    ViewerPage.open(browser, origin, { path: '/?way=hls', expected: [broken] }),
  ]);
  const [webrtc, hls] = watched;
  await Promise.all([webrtc.state('live', 'webrtc', 20_000), hls.state('live', 'hls', 20_000)]);

  t.test('the network is taken away, and given back', async (t) => {
    const context = hls.page.context();
    await context.setOffline(true);
    await hls.state('unreachable', null, 30_000);
    await says(hls, 'state-heading', /This device has no network/);
    t.same(await violationsOf(hls.page), [], 'axe-core');
    await context.setOffline(false);
    await hls.state('live', 'hls', 30_000);
    const backAtMs = Date.now();
    await hls.pictureAfter(backAtMs - 3_000, 30_000);
    t.equal(hls.loads, 1, 'without a reload');
  });

  t.test('the box is switched off in mid-view, and on again', async (t) => {
    const { stateDirectory } = appliance;
    await appliance.close({ keepState: true });
    let tries = 0;
    const offMs = performance.now();
    webrtc.page.on('request', () => {
      tries += 1;
    });
    webrtc.page.on('websocket', () => {
      tries += 1;
    });
    await webrtc.state('unreachable', null, 30_000);
    const seconds = (performance.now() - offMs) / 1_000;
    t.ok(tries > 0 && tries <= 3 * seconds + 6, `${tries} tries in ${seconds.toFixed(1)} s`);
    for (const viewer of watched) {
      await viewer.state('unreachable', null, 30_000);
      await says(viewer, 'state-heading', /127\.0\.0\.1 does not answer/);
      await says(viewer, 'state-text', /Is the box switched on/);
    }
    appliance = await Appliance.start({ stateDirectory, args: ['--port', new URL(origin).port] });
    const { broadcast } = await appliance.status();
    if (broadcast.state === 'offline') {
      await Promise.all(watched.map((viewer) => viewer.state('offline', null, 40_000)));
      await appliance.press();
    }
    await Promise.all([webrtc.state('live', 'webrtc', 40_000), hls.state('live', 'hls', 40_000)]);
    const backAtMs = Date.now();
    await Promise.all(watched.map((viewer) => viewer.pictureAfter(backAtMs, 40_000)));
    t.same(
      watched.map(({ loads }) => loads),
      [1, 1],
      'nobody had to reload',
    );
    t.same([webrtc.problems, hls.problems], [[], []]);
  });
});
