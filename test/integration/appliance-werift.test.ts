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

t.test('the second engine by setting, in mid-broadcast, and back', async (t) => {
  await appliance.press();
  const viewer = await ViewerPage.open(browser, await appliance.origin(), {
    expected: [/ERR_|status of 50|status of 404/],
  });
  await viewer.state('live', 'webrtc');
  await viewer.page.click('#sound');
  for (const engine of ['werift', 'native']) {
    const { daemons } = await appliance.status();
    const posts = viewer.whepPosts;
    const changedAtMs = Date.now();
    await appliance.call('PATCH', '/api/v1/settings', { webrtc: { engine } });
    await appliance.until((status) => {
      const egress = status.daemons.egress;
      return egress?.up === true && egress.pid !== daemons.egress?.pid && status.ports.webrtc !== null;
    });
    const wellAtMs = Date.now();
    await viewer.pictureAfter(wellAtMs);
    await viewer.state('live', 'webrtc');
    t.ok(viewer.whepPosts > posts, `${engine}: the page asked again by itself`);
    const pictures = await viewer.nextPictures(45);
    t.ok(new Set(pictures.map(({ frame }) => frame)).size > 30, `${engine}: pictures`);
    t.ok((await viewer.sound()) > 0.02, `${engine}: sound`);
    const { overAfterMs } = await viewer.interruption(changedAtMs);
    t.ok(inTime(overAfterMs, 5_000), `${engine}: pictures ${overAfterMs} ms after the change of the setting`);
    t.match(await appliance.logs(), new RegExp(`"engine":"${engine}".*WebRTC engine started`));
    t.equal((await appliance.status()).audience.viewers, 1);
  }
  t.equal(viewer.loads, 1, 'without a reload');
  t.same(viewer.problems, []);
});
