import { existsSync } from 'node:fs';
import t from 'tap';
import type { SourceListBody } from '#core/protocol/endpoints/sources.ts';
import { Appliance } from '../support/appliance.ts';
import { launchBrowser, untilTrue } from '../support/browser.ts';
import { StudioPage } from '../support/studio-page.ts';
import { ViewerPage } from '../support/viewer-page.ts';

// A broadcast from the first look at the source to its end, by an operator on a desk and one on a phone who reads
// German, with somebody who watches.

const skip = existsSync('/usr/bin/chromium') ? false : 'no Chromium here';
if (skip) t.plan(0, skip);
else {
  t.setTimeout(300_000);
  const appliance = await Appliance.start();
  t.teardown(() => appliance.close());
  const browser = await launchBrowser();
  t.teardown(() => browser.close());
  const origin = await appliance.origin();
  const studio = await StudioPage.open(browser, origin);
  await studio.pair(appliance);
  const { page } = studio;
  /** What a browser says of a box that refuses, and of one that ended its session. */
  const expected = [/403|401|net::ERR|WebSocket/];
  const viewer = await ViewerPage.open(browser, origin, { expected });

  t.test('before the broadcast the operator sees and hears the source, and nobody else does', async (t) => {
    const still = page.getByRole('img', { name: 'What Test picture shows now' });
    await still.waitFor();
    await page.getByText('Only you see this').waitFor();
    const first = await still.getAttribute('src');
    await page.locator(`.screen img:not([src="${first}"])`).waitFor();
    await untilTrue(page, 'document.querySelector(".screen img").naturalWidth >= 640');
    await page.locator('.level .figure', { hasText: /dB$/ }).waitFor();
    const { audience, broadcast } = await appliance.status();
    t.equal(broadcast.state, 'offline');
    t.equal(audience.viewers, 1, 'only the page of the viewer, which waits');
    t.equal(await viewer.page.locator('html').getAttribute('data-state'), 'offline');
    t.same(await studio.violations(), []);
    t.same(studio.problems, []);
  });

  t.test('sources are chosen by name and picture', async (t) => {
    const tile = page.getByRole('radio', { name: /Test picture/ });
    t.equal(await tile.isChecked(), true);
    await page.getByText('A camera in the network').click();
    await page.getByLabel('Address of the camera').fill('192.168.1.20');
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.getByText('An address begins with rtsp:// or srt://').waitFor();
    await page.getByLabel('Address of the camera').fill('rtsp://user:secret@127.0.0.1:1/cam');
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.getByRole('radio', { name: /127\.0\.0\.1/ }).waitFor();
    await page.locator('.verdict.not').waitFor();
    t.notMatch(await page.content(), 'secret', 'the password is never shown');
    await tile.check();
    await page.locator('.verdict.ready').waitFor();
    studio.problems.length = 0; // the browser's own word for a source without pictures
  });

  t.test('“back in a moment” by one tap, and on again; also on a phone, in German', async (t) => {
    const phone = await StudioPage.open(browser, origin, { width: 390, height: 844, locale: 'de-DE' });
    await phone.page.context().addCookies(await page.context().cookies());
    await phone.page.reload();
    await page.getByRole('button', { name: 'Go live' }).click();
    await page.locator('.verdict').filter({ hasText: 'Live since' }).waitFor({ timeout: 60_000 });
    await viewer.state('live');
    await phone.page.getByRole('button', { name: /Gleich geht es weiter/ }).click();
    await page.locator('.verdict').filter({ hasText: 'Back in a moment' }).waitFor();
    t.match((await appliance.call('GET', '/api/v1/sources')) as SourceListBody, {
      slate: true,
      taken: 'slate',
    });
    t.same(await phone.violations(), []);
    const beyond = await phone.page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
    t.ok(Number(beyond) <= 0, `${beyond} px beyond the edge`);
    await phone.page.getByRole('button', { name: /^Weiter/ }).click();
    await page.locator('.verdict').filter({ hasText: 'Live since' }).waitFor({ timeout: 60_000 });
    await phone.page.context().close();
  });

  t.test('a viewer who is sent away reads why, and may come to the next broadcast', async (t) => {
    await studio.tab('People');
    await page
      .locator('li', { hasText: 'WebRTC' })
      .getByRole('button', { name: /Send away/ })
      .click();
    t.same(await studio.violations(), []);
    await page.getByRole('dialog').getByRole('button', { name: 'Send away' }).click();
    await viewer.state('removed');
    await viewer.page.getByText('You can’t watch this broadcast any more').waitFor();
    await viewer.page.reload();
    await viewer.state('removed');
    t.equal((await appliance.status()).audience.viewers, 0);
    await page.getByRole('button', { name: 'Stop' }).click();
    await viewer.state('offline');
    await appliance.press();
    await viewer.state('live');
  });

  t.test('a PIN that is set while live asks those who watch, too', async () => {
    await appliance.call('PATCH', '/api/v1/settings', { viewing: { access: 'pin', pin: '4711' } });
    await viewer.state('locked');
    await viewer.page.getByLabel('PIN', { exact: true }).fill('4711');
    await viewer.page.getByRole('button', { name: 'Watch', exact: true }).click();
    await viewer.state('live');
  });
}
