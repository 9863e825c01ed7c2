import { existsSync } from 'node:fs';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { violationsOf } from '../support/axe.ts';
import { launchBrowser, watchPage } from '../support/browser.ts';
import { StudioPage } from '../support/studio-page.ts';
import { WireClient } from '../support/wire-client.ts';

// The operator's page as an operator uses it, in Chromium against a whole appliance.

const skip = existsSync('/usr/bin/chromium') ? false : 'no Chromium here';
if (skip) t.plan(0, skip);
else {
  const appliance = await Appliance.start();
  t.teardown(() => appliance.close());
  const browser = await launchBrowser();
  t.teardown(() => browser.close());
  const origin = await appliance.origin();

  t.test('a code that is wrong is refused in words; one that is right lets in', async (t) => {
    const studio = await StudioPage.open(browser, origin, { expected: [/401.*pairing/] });
    const { page } = studio;
    const code = page.getByLabel('Six-digit code');
    const { code: right } = (await appliance.call('POST', '/api/v1/pairing/code')) as { code: string };
    await code.fill(right === '000000' ? '000001' : '000000');
    await page.getByRole('button', { name: 'Pair', exact: true }).click();
    await page.locator('#code-wrong').filter({ hasText: /code/i }).waitFor();
    t.equal(await code.getAttribute('aria-invalid'), 'true', 'said beside the field');
    t.same(await studio.violations(), []);
    await code.fill(right);
    await code.press('Enter');
    await page.getByRole('navigation', { name: 'Studio' }).waitFor();
    t.same(studio.problems, []);
    await page.context().close();
  });

  t.test('the set-up page has no barrier either, in light and in dark', async (t) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ colorScheme });
      const setup = await context.newPage();
      const { problems } = watchPage(setup, origin);
      await setup.goto(`${origin}/setup`);
      await setup.getByRole('heading', { name: 'Set up the box' }).waitFor();
      t.same(await violationsOf(setup), [], colorScheme);
      t.same(problems, []);
      await context.close();
    }
  });

  const studio = await StudioPage.open(browser, origin);
  const { page } = studio;
  const verdict = page.locator('.verdict');

  t.test('the button of the box lets in; waiting for it can be called off', async (t) => {
    await page.getByRole('button', { name: 'Wait for the button' }).click();
    await page.getByRole('timer').filter({ hasText: 's left' }).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await studio.pair(appliance);
    await verdict.getByRole('heading', { name: 'Ready' }).waitFor();
    t.equal((await appliance.status()).broadcast.state, 'offline', 'and that press did nothing else');
  });

  t.test('the countdown can be called off, and then nothing has happened', async (t) => {
    await page.getByRole('button', { name: 'Go live' }).click();
    await page.getByText(/^Live in \d/).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Go live' }).waitFor();
    t.equal((await appliance.status()).broadcast.state, 'offline');
  });

  t.test('title and description are changed beside the button', async (t) => {
    await page.getByLabel('Title', { exact: true }).fill('Sunday service');
    await page.getByLabel('Description', { exact: true }).fill('From the old church');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    t.equal((await appliance.status()).stream.title, 'Sunday service');
  });

  t.test('going live shows what the light shows, and the picture that viewers get', async (t) => {
    await page.getByRole('button', { name: 'Go live' }).click();
    await verdict.filter({ hasText: 'Live since' }).waitFor();
    await page.locator('.screen:not(:has(.cover))').waitFor();
    await page
      .getByRole('timer', { name: 'Running time' })
      .filter({ hasText: /^\d+:\d\d/ })
      .waitFor();
    t.equal(await page.evaluate(`document.querySelector('.screen video').videoWidth`), 1280);
    await page.locator('.air-bar .badge.live').waitFor();
    const watching = page.locator('dl.figures div').filter({ hasText: 'Watching' });
    await watching.filter({ hasText: /\d of 10/ }).waitFor();
    t.same(await studio.violations(), [], 'no barrier on the live tab');
    // Held, not killed: a daemon that is back at once may be back before the page has shown that it was away.
    const pid = (await appliance.status()).daemons.media?.pid;
    if (!pid) throw new Error('media has no pid');
    process.kill(pid, 'SIGSTOP');
    await page.locator('.air-bar .badge.warn').waitFor();
    process.kill(pid, 'SIGCONT');
    await page.locator('.air-bar .badge.live').waitFor();
  });

  t.test('figures of the last ten minutes are drawn, with the delay that a viewer tells', async (t) => {
    const viewer = await (await browser.newContext()).newPage();
    await viewer.goto(origin);
    await page.locator('details.health > summary').click();
    await page.getByRole('img', { name: /^Bitrate over the last 10 minutes: from/ }).waitFor();
    t.ok(await page.getByRole('img', { name: /^Watching over/ }).isVisible());
    await page
      .getByRole('img', { name: /^Delay at viewers over the last 10 minutes: from/ })
      .waitFor({ timeout: 30_000 });
    await viewer.context().close();
  });

  t.test('a setting is changed by its own words, and what that interrupts is said first', async (t) => {
    await studio.tab('Settings');
    const name = page.getByLabel('Name that people see');
    await name.fill('Garden camera');
    await page.getByText('1 not saved yet').waitFor();
    t.equal(await page.getByText('Saving interrupts').count(), 0, 'a name interrupts nothing');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Garden camera' }).waitFor();
    await page.getByText('The numbers', { exact: true }).click();
    t.equal(await page.getByLabel('Width', { exact: true }).inputValue(), '1280');
    await page.getByRole('radio', { name: /480p/ }).check();
    t.equal(await page.getByLabel('Width', { exact: true }).inputValue(), '854', 'a preset sets the numbers');
    await page.getByText('Saving interrupts the picture').waitFor();
    t.same(await studio.violations(), [], 'no barrier on the settings tab');
  });

  t.test('what was typed is still there after a look at another tab', async (t) => {
    await studio.tab('Box');
    await studio.tab('Settings');
    t.ok(await page.getByRole('radio', { name: /480p/ }).isChecked());
    await page.getByRole('button', { name: 'Undo' }).click();
    t.equal(await page.getByLabel('Width', { exact: true }).inputValue(), '1280');
  });

  t.test('all that cannot be is said at once, each beside its field, and nothing is lost', async (t) => {
    const width = page.getByLabel('Width', { exact: true });
    const most = page.getByLabel('Most viewers at one time');
    await page.getByText('The numbers', { exact: true }).click();
    await width.fill('99999');
    await most.fill('0');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('2 can’t be saved like this').waitFor();
    for (const field of [width, most]) {
      t.equal(await field.getAttribute('aria-invalid'), 'true');
      t.equal(await page.locator('.field').filter({ has: field }).locator('.wrong').count(), 1);
    }
    t.equal(await width.inputValue(), '99999', 'what was typed stays');
    await page.locator('#setting-video-width:focus').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
  });

  t.test('what only the box can tell is said beside its field, too', async (t) => {
    await page.getByText('Watching, in detail').click();
    const sites = page.getByLabel(/^Web sites that may show/);
    await sites.fill('somewhere');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.field').filter({ has: sites }).locator('.wrong').waitFor();
    const said = studio.problems.splice(0);
    t.ok(
      said.every((problem) => /400.*settings/.test(problem)),
      'the console says that, and no more',
    );
    await page.getByRole('button', { name: 'Undo' }).click();
  });

  t.test('a PIN can be set, and is never shown', async (t) => {
    await page.getByLabel('PIN for watching').fill('4711');
    await page.getByLabel(/^Who may watch/).selectOption('pin');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await page.locator('#setting-viewing-pin[placeholder^="Set"]').waitFor();
    t.equal(await page.getByLabel('PIN for watching').inputValue(), '');
    t.notMatch(await page.content(), '4711');
    await appliance.call('PATCH', '/api/v1/settings', { viewing: { access: 'open', pin: null } });
  });

  t.test('who is in the room is listed, and can be removed', async (t) => {
    const guest = await WireClient.connect(`${origin}/ws/sync`);
    t.teardown(() => guest.socket.terminate());
    const client = { userId: 'kim', displayName: 'Kim' };
    guest.send({ v: 1, type: 'room/join', requestId: '1', payload: { roomId: 'main', client } });
    await studio.tab('People');
    await page.getByRole('button', { name: 'Remove Kim' }).click();
    await page.getByText('Kim is removed').waitFor();
    await page.getByText('Nobody is here yet').waitFor();
    await page.getByText('this one').waitFor(); // operators are listed, this browser marked
    t.same(await studio.violations(), [], 'no barrier on the people tab');
  });

  t.test('logs, other boxes and a diagnosis', async (t) => {
    await studio.tab('Box');
    await page.getByText('media runs').waitFor();
    await page.getByRole('log').getByText('serving').first().waitFor();
    t.same(await studio.violations(), [], 'no barrier on the box tab');
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download diagnosis' }).click();
    t.match((await download).suggestedFilename(), /\.tar\.gz$/);
  });

  t.test('a phone gets all of it without scrolling sideways', async (t) => {
    await page.setViewportSize({ width: 390, height: 844 });
    for (const tab of ['Live', 'Settings', 'People', 'Box'] as const) {
      await studio.tab(tab);
      const beyond = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
      t.ok(Number(beyond) <= 0, `${tab}: ${beyond} px beyond the edge`);
    }
  });

  t.test('a box that is gone is missed, and found again without a reload', async (t) => {
    await studio.tab('Live');
    await appliance.kill('control');
    await page.getByText('The box does not answer').first().waitFor();
    await page.getByText('The box does not answer').first().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Stop' }).click();
    const sure = page.getByRole('dialog').getByRole('button', { name: 'Stop' });
    await sure
      .or(verdict.getByRole('heading', { name: 'Ready' }))
      .first()
      .waitFor();
    if (await sure.isVisible()) await sure.click();
    await verdict.getByRole('heading', { name: 'Ready' }).waitFor();
    studio.problems.length = 0; // what a browser says of a server that is away
    t.equal((await appliance.status()).broadcast.state, 'offline');
  });

  t.test('an operator that is revoked is out', async (t) => {
    const { operators } = (await appliance.call('GET', '/api/v1/operators')) as {
      operators: { id: string }[];
    };
    for (const { id } of operators) await appliance.call('DELETE', `/api/v1/operators/${id}`);
    await page.getByRole('heading', { name: 'Hold its button' }).waitFor();
    t.ok(
      studio.problems.every((problem) => /Failed to load resource|net::ERR_/.test(problem)),
      'no other console error',
    );
  });
}
