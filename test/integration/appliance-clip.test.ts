import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { launchBrowser } from '../support/browser.ts';
import { checkout } from '../support/command.ts';
import { inTime, slowness } from '../support/in-time.ts';
import { ViewerPage } from '../support/viewer-page.ts';

const clip = join(checkout, '..', 'shared', 'media', 'clip.mp4');
const clipMs = 12_000;

t.setTimeout(240_000);

t.test(
  'a real clip with sound, through its loop, over both ways at once',
  {
    skip: existsSync(clip) ? false : 'shared/media/clip.mp4 is not here',
  },
  async (t) => {
    const [appliance, browser] = await Promise.all([
      Appliance.start({ source: `file:${clip}`, settings: { video: { width: 640, height: 360 } } }),
      launchBrowser(),
    ]);
    t.teardown(async () => {
      await browser.close();
      await appliance.close();
    });
    const origin = await appliance.origin();
    await appliance.press();
    const { broadcast } = await appliance.until(({ broadcast }) => broadcast.state === 'live');
    const [webrtc, hls] = await Promise.all([
      ViewerPage.open(browser, origin),
      ViewerPage.open(browser, origin, { path: '/?way=hls' }),
    ]);
    await Promise.all([webrtc.state('live', 'webrtc'), hls.state('live', 'hls')]);
    await Promise.all([webrtc.nextPictures(30), hls.nextPictures(30)]);

    const watchedFromMs = Date.now();
    const { audioEnergy } = await webrtc.received();
    for (const viewer of [webrtc, hls]) {
      await viewer.page.click('#sound');
      t.ok((await viewer.sound()) > 0.02, 'the clip is heard');
    }
    const pastLoopMs = Date.parse(broadcast.startTime ?? '') + clipMs + 3_000;
    await Promise.all([webrtc.shownAt(pastLoopMs), hls.shownAt(pastLoopMs)]);

    t.ok((await webrtc.received()).audioEnergy > audioEnergy, 'getStats hears it too');
    for (const [name, viewer] of Object.entries({ webrtc, hls })) {
      const pictures = await viewer.picturesSince(watchedFromMs);
      const seconds = (Date.now() - watchedFromMs) / 1000;
      const different = new Set(pictures.map(({ print }) => print)).size;
      t.ok(
        different > (seconds * 15) / slowness(),
        `${name}: ${different} different pictures in ${seconds.toFixed(1)} s`,
      );
      const { longestMs, said } = await viewer.interruption(watchedFromMs);
      t.ok(inTime(longestMs, 1_000), `${name}: pictures move through the loop (${said})`);
      t.ok((await viewer.sound()) > 0.02, `${name}: after the loop the clip is heard again`);
      t.same(viewer.problems, []);
    }
    const { broadcast: after } = await appliance.status();
    t.equal(after.startTime, broadcast.startTime, 'one broadcast throughout');
  },
);
