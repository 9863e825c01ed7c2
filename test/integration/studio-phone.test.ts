import { existsSync } from 'node:fs';
import type { Locator } from 'playwright-core';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { launchBrowser } from '../support/browser.ts';
import { StudioPage } from '../support/studio-page.ts';

// Unpacked to live by one phone, counted in taps (studio-cards.test.ts has the paths after that).

const skip = existsSync('/usr/bin/chromium') ? false : 'no Chromium here';
if (skip) t.plan(0, skip);
else {
  t.setTimeout(300_000);
  const appliance = await Appliance.start({
    settings: {
      video: { width: 320, height: 180, framesPerSecond: 15, bitrateKbps: 500 },
    },
  });
  t.teardown(() => appliance.close());
  const browser = await launchBrowser();
  t.teardown(() => browser.close());
  const origin = await appliance.origin();
  const phone = await StudioPage.open(browser, origin, { width: 390, height: 844 });
  const { page } = phone;

  let taps = 0;
  const tap = async (what: Locator): Promise<void> => {
    taps += 1;
    await what.click();
  };
  const button = (name: string | RegExp): Locator => page.getByRole('button', { name });
  const state = async (): Promise<string> => (await appliance.status()).broadcast.state;
  const live = (): Promise<void> =>
    page.locator('.verdict').filter({ hasText: 'Live since' }).waitFor({ timeout: 60_000 });

  t.test('from the page that everybody opens to live', async (t) => {
    await page.goto(origin);
    const beganMs = performance.now();
    await tap(page.getByRole('link', { name: 'Studio' }));
    await button('Wait for the button').waitFor();
    await phone.pair(appliance);
    taps += 1; // and the button of the box itself
    await tap(page.getByRole('link', { name: 'Set up the box' }));
    await page.getByText('Step 1 of 4').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('Village hall');
    for (const [step, words] of [
      [2, 'Which network?'],
      [3, 'Which camera?'],
    ] as const) {
      await tap(button('Next'));
      await page.getByText(`Step ${step} of 4`).waitFor();
      await page.getByRole('heading', { name: words }).waitFor();
    }
    await page.getByRole('radio', { name: /Test picture/ }).waitFor();
    t.same(await phone.violations(), []);
    await tap(button('Next'));
    await page.getByText('Step 4 of 4').waitFor();
    t.equal(await page.getByRole('radio', { name: /Everybody/ }).isChecked(), true);
    await tap(button('Next'));
    await page.getByText('All set').waitFor();
    await tap(button('Go live'));
    await live();
    t.equal(await state(), 'live');
    t.equal((await appliance.status()).device.name, 'Village hall');
    t.ok(taps <= 8, `${taps} taps`);
    t.comment(
      `figure: to live by ${taps} taps and a name, ${((performance.now() - beganMs) / 1_000).toFixed(1)} s with the countdown`,
    );
  });

  t.test('nothing went wrong on the way', async (t) => {
    t.same(phone.problems, []);
    const beyond = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
    t.ok(Number(beyond) <= 0, `${beyond} px beyond the edge`);
    await appliance.onair('stop').catch(() => {});
  });
}
