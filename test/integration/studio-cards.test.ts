import { existsSync } from 'node:fs';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { launchBrowser, untilTrue } from '../support/browser.ts';
import { pngOf } from '../support/png.ts';
import { StudioPage } from '../support/studio-page.ts';
import { ViewerPage } from '../support/viewer-page.ts';

// What an operator looks after beside the broadcast itself: chat, recordings, destinations, other programs, updates; and
// how many taps the usual paths take.

const skip = existsSync('/usr/bin/chromium') ? false : 'no Chromium here';
if (skip) t.plan(0, skip);
else {
  t.setTimeout(300_000);
  const appliance = await Appliance.start();
  t.teardown(() => appliance.close());
  const browser = await launchBrowser();
  t.teardown(() => browser.close());
  const origin = await appliance.origin();
  // What is no picture is refused.
  const studio = await StudioPage.open(browser, origin, { expected: [/400.*pictures\/logo/] });
  await studio.pair(appliance);
  const { page } = studio;

  const chatter = async (name: string): Promise<ViewerPage> => {
    const viewer = await ViewerPage.open(browser, origin, { expected: [/WebSocket/] });
    await viewer.page.click('#together');
    await viewer.page.fill('#room-name', name);
    await viewer.page.keyboard.press('Enter');
    await viewer.page.waitForSelector('#room-text:visible');
    return viewer;
  };
  const say = async (viewer: ViewerPage, text: string): Promise<void> => {
    await viewer.page.fill('#room-text', text);
    await viewer.page.keyboard.press('Enter');
  };
  const line = (viewer: ViewerPage, text: string) => viewer.page.locator('#room .log', { hasText: text });

  t.test('a clock and a text are over the picture by a tap each', async (t) => {
    const overlay = async () =>
      ((await appliance.call('GET', '/api/v1/settings')) as { overlay: Record<string, unknown> }).overlay;
    await page.getByRole('button', { name: 'Clock' }).click();
    await page.getByRole('button', { name: 'Clock', pressed: true }).waitFor();
    await page.getByLabel('Text', { exact: true }).fill('Hello <b>');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByRole('button', { name: 'Show', exact: true }).waitFor({ state: 'detached' });
    t.match(await overlay(), { clock: true, clockPlace: 'top-right', text: 'Hello <b>' });
    await page.getByRole('button', { name: 'Clock' }).click();
    await page.getByRole('button', { name: 'Clock', pressed: false }).waitFor();
    t.match(await overlay(), { clock: false });
    const logo = { name: 'logo.png', mimeType: 'image/png' };
    const file = page.getByLabel('Choose a picture');
    await file.setInputFiles({ ...logo, buffer: Buffer.from('none') });
    await page.getByText('This is no whole PNG or JPEG picture.').waitFor();
    await file.setInputFiles({ ...logo, buffer: pngOf([255, 255]) });
    while (!/logo-.*\.png$/.test(String((await overlay()).logo)));
    await page.getByRole('button', { name: 'Remove', exact: true }).last().waitFor();
    t.same(await studio.violations(), []);
    await appliance.call('PATCH', '/api/v1/settings', { overlay: { text: '', logo: null } });
  });

  t.test('the camera has the controls that it offers, live while a slider moves', async (t) => {
    const card = page.locator('#camera');
    const set = async () => {
      const { camera } = (await appliance.call('GET', '/api/v1/settings')) as {
        camera: { controls: Record<string, Record<string, unknown>> };
      };
      return camera.controls.test ?? {};
    };
    const until = async (fits: (controls: Record<string, unknown>) => boolean): Promise<void> => {
      while (!fits(await set()));
    };
    const brightness = card.getByLabel(/^Brightness/);
    t.equal(await card.getByLabel(/^Exposure/).count(), 0, 'the test picture has none');
    t.same([await brightness.getAttribute('min'), await brightness.getAttribute('max')], ['-100', '100']);
    const box = await brightness.boundingBox();
    if (!box) throw new Error('the slider is not shown');
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + box.height / 2, { steps: 8 });
    await until(({ brightness }) => Number(brightness) > 20); // the button is still down
    await page.mouse.up();
    await card.getByLabel('Flip').selectOption('horizontal');
    await until(({ flip }) => flip === 'horizontal');
    t.same(await studio.violations(), []);
    await card.getByRole('button', { name: 'Brightness: As it comes' }).click();
    await until((controls) => controls.brightness === undefined);
    t.equal(await brightness.inputValue(), '0');
    await card.getByRole('button', { name: 'Flip: As it comes' }).click();
    await until((controls) => controls.flip === undefined);
    await page.reload();
    await brightness.waitFor();
    t.equal(await brightness.inputValue(), '0');
    t.same(studio.problems, []);
  });

  t.test(
    'chat is read and answered in the studio; what spoils it is deleted, who spoils it banned',
    async (t) => {
      const [ada, kim] = [await chatter('Ada'), await chatter('Kim')];
      const chat = page.locator('#chat');
      await say(ada, 'Good evening');
      await chat.getByText('Good evening').waitFor();
      await page.getByLabel('Say something as the box').fill('Welcome, all of you');
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await line(ada, 'Welcome, all of you').waitFor();
      t.same(await studio.violations(), []);
      await say(ada, 'A slip of the finger');
      await line(kim, 'A slip of the finger').waitFor();
      const slip = chat.locator('li', { hasText: 'A slip of the finger' });
      await slip.getByRole('button', { name: 'Delete what Ada said' }).click();
      await slip.waitFor({ state: 'detached' });
      await line(kim, 'A slip of the finger').waitFor({ state: 'detached' });
      await say(kim, 'Buy this');
      await say(kim, 'And this');
      await line(ada, 'And this').waitFor();
      await chat.locator('li', { hasText: 'And this' }).getByRole('button', { name: 'Ban Kim' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Ban', exact: true }).click();
      for (const text of ['Buy this', 'And this']) await line(ada, text).waitFor({ state: 'detached' });
      await kim.page.locator('#room-name').waitFor();
      await kim.page.locator('#room-name').press('Enter');
      await kim.page.getByText('removed you').first().waitFor();
      await line(ada, 'Good evening').waitFor();
      t.same(studio.problems, []);
      for (const viewer of [ada, kim]) await viewer.page.context().close();
    },
  );

  t.test('behind a PIN the chat waits for the PIN', async (t) => {
    await appliance.call('PATCH', '/api/v1/settings', { viewing: { access: 'pin', pin: '4711' } });
    const viewer = await ViewerPage.open(browser, origin, { expected: [/401|403|WebSocket/] });
    await viewer.state('locked');
    t.equal(await viewer.page.locator('#together').isDisabled(), true);
    await viewer.page.getByLabel('PIN', { exact: true }).fill('4711');
    await viewer.page.getByRole('button', { name: 'Watch', exact: true }).click();
    await viewer.page.locator('#together:enabled').waitFor();
    await viewer.page.context().close();
    await appliance.call('PATCH', '/api/v1/settings', { viewing: { access: 'open', pin: null } });
  });

  t.test('what stands in for a source that fails is chosen by name, in an order', async (t) => {
    await studio.tab('Settings');
    const add = page.getByLabel('Show instead');
    await page.getByText('A camera in the network').last().click();
    await page.locator('#fallback-address').fill('rtsp://192.0.2.7/cam');
    await page.locator('#setting-video-fallback').getByRole('button', { name: 'Use it' }).click();
    await add.selectOption('rtmp');
    await page.getByRole('button', { name: /^Earlier/ }).click();
    t.same(await studio.violations(), []);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    const { video } = (await appliance.call('GET', '/api/v1/settings')) as { video: { fallback: string[] } };
    t.same(video.fallback, ['rtmp', 'rtsp://192.0.2.7/cam']);
    await appliance.call('PATCH', '/api/v1/settings', { video: { fallback: [] } });
  });

  t.test('addresses for other programs are there to copy', async (t) => {
    await studio.tab('Live');
    const elsewhere = page.locator('#elsewhere');
    await elsewhere.getByText('Watch in other programs').click();
    t.match(await elsewhere.getByLabel('VLC: Address').inputValue(), /^rtsp:\/\/127\.0\.0\.1:\d+\/live$/);
    t.equal(
      await elsewhere.getByLabel('Home Assistant: Still image').inputValue(),
      `${origin}/api/v1/snapshot.jpg?width=640`,
    );
    await elsewhere.getByRole('button', { name: /Copy OBS/ }).click();
    await page.getByText('Copied.').first().waitFor();
    t.same(await studio.violations(), []);
  });

  t.test('an update that is not signed is refused in words, and changes nothing', async (t) => {
    await studio.tab('Box');
    const card = page.locator('#update');
    await card.getByText('No update is under way.').waitFor();
    await card
      .getByLabel('From a file')
      .setInputFiles({ name: 'x.raucb', mimeType: 'application/octet-stream', buffer: Buffer.from('{}') });
    await page.getByRole('dialog').getByRole('button', { name: 'Install' }).click();
    await card.locator('.problem').waitFor();
    t.same(await studio.violations(), []);
    t.match(await appliance.call('GET', '/api/v1/update'), { state: 'idle', slot: 'A' });
  });

  t.test('the usual paths are short: live again, a platform, a recording', async (t) => {
    let taps = 0;
    const tap = async (name: string | RegExp): Promise<void> => {
      await page.getByRole('button', { name }).or(page.getByRole('link', { name })).first().click();
      taps += 1;
    };
    await page.goto(`${origin}/studio`);
    await tap('Go live');
    await page.locator('.verdict').filter({ hasText: 'Live since' }).waitFor();
    t.ok(taps <= 2, `live again: ${taps}`);

    await tap('Record');
    await page.locator('.badge.live', { hasText: /^recording 0:0[2-9]/ }).waitFor();
    await tap('Stop recording');
    await page.getByRole('button', { name: /^Play/ }).waitFor();

    taps = 0;
    await tap('Add a destination');
    await page.getByLabel('Stream key').last().fill('not-a-real-key');
    await tap(/^Add$/);
    await page
      .getByText('YouTube is added')
      .or(page.locator('li', { hasText: 'YouTube' }))
      .first()
      .waitFor();
    t.ok(taps <= 3, `YouTube: ${taps}`);
    const { outputs } = (await appliance.call('GET', '/api/v1/outputs')) as { outputs: { id: string }[] };
    for (const { id } of outputs) await appliance.call('DELETE', `/api/v1/outputs/${id}`);

    taps = 0;
    await page.goto(`${origin}/studio`);
    const download = page.waitForEvent('download');
    await tap(/^Download/);
    t.match((await download).suggestedFilename(), /\.mp4$/);
    t.ok(taps <= 4, `yesterday’s recording: ${taps}`);
  });

  t.test('a recording plays, and pictures of its course jump to where they are', async (t) => {
    await page.getByRole('button', { name: /^Play/ }).click();
    const player = page.getByRole('dialog').locator('.player > video');
    await untilTrue(page, "document.querySelector('.player > video').readyState >= 2");
    await page.locator('.filmstrip canvas[data-drawn]').nth(7).waitFor();
    const last = page.getByRole('button', { name: /^Jump to/ }).last();
    await last.click();
    await untilTrue(page, "document.querySelector('.player > video').currentTime > 0.5");
    t.ok(await player.isVisible());
    t.same(await studio.violations(), []);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await appliance.call('DELETE', '/api/v1/broadcast');
  });

  t.test('a pasted address shows the broadcast', async (t) => {
    const html = await (await fetch(`${origin}/`)).text();
    t.match(html, 'property="og:image"');
    t.match(html, 'icon-512.png', 'off air there is no picture to show');
  });
}
