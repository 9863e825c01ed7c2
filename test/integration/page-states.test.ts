import type { BrowserContextOptions, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { Appliance } from '../support/appliance.ts';
import { ask } from '../support/ask.ts';
import { violationsOf } from '../support/axe.ts';
import { launchBrowser, watchPage } from '../support/browser.ts';
import { pageStates, speakAs } from '../support/page-states.ts';

// What the viewer's page says in each state and whether everybody can read it, by the name onair.local: there is no
// secure context there, as on a real network.

t.setTimeout(240_000);

const [appliance, browser] = await Promise.all([
  Appliance.start({ settings: { video: { width: 640, height: 360, framesPerSecond: 15 } } }),
  launchBrowser({ hostResolverRules: 'MAP onair.local 127.0.0.1' }),
]);
t.teardown(async () => {
  await browser.close();
  await appliance.close();
});
const direct = await appliance.origin();
const origin = `http://onair.local:${new URL(direct).port}`;
const phone = { width: 390, height: 844 };
const desk = { width: 1440, height: 900 };

/** A connection that the test itself refuses is no problem of the page's. */
const refusedByTest = [/ERR_CONNECTION_REFUSED/];

async function open(
  options: BrowserContextOptions = {},
  prepare?: (page: Page) => Promise<void>,
): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB', ...options });
  const page = await context.newPage();
  const { problems } = watchPage(page, origin, refusedByTest);
  await prepare?.(page);
  await page.goto(origin);
  return { page, problems };
}

async function text(page: Page, id: string): Promise<string> {
  return (await page.locator(`#${id}`).textContent()) ?? '';
}

/** The page is no wider than its window: nobody has to scroll sideways. */
async function fits(t: Test, page: Page, what: string): Promise<void> {
  const [width, window] = (await page.evaluate(
    '[document.documentElement.scrollWidth, innerWidth]',
  )) as number[];
  t.ok((width ?? 0) <= (window ?? 0), `${what}: ${width} of ${window} px wide`);
}

t.test('every state without a picture: its words, and nothing for axe-core to find', async (t) => {
  // Side by side, since most of the time is spent waiting for what does not come.
  const looks = Object.entries(pageStates).map(async ([name, { shows, said }], at) => {
    const { page, problems } = await open(
      { viewport: at % 2 ? phone : desk, colorScheme: at % 3 ? 'light' : 'dark' },
      (fresh) => speakAs(fresh, said),
    );
    await page.waitForSelector(`html[data-state="${shows}"]`, { timeout: 30_000 });
    t.ok((await text(page, 'state-heading')).length > 3, `${name}: “${await text(page, 'state-heading')}”`);
    t.ok((await text(page, 'state-text')).length > 10, await text(page, 'state-text'));
    t.same(await violationsOf(page), [], `${name}: axe-core`);
    await fits(t, page, name);
    t.same(problems, [], `${name}: no complaint`);
    await page.context().close();
  });
  await Promise.all(looks);
});

t.test('the picture, and what opens beside it', async (t) => {
  await appliance.press();
  await appliance.until(({ advancing }) => advancing, 15_000);
  const { page, problems } = await open({ viewport: desk, colorScheme: 'dark' });
  await page.waitForSelector('html[data-state="live"]', { timeout: 20_000 });
  t.same(await violationsOf(page), [], 'live: axe-core');
  await page.click('#share');
  await page.waitForSelector('dialog .qr-code');
  t.same(await violationsOf(page), [], 'share: axe-core');
  const { device } = await appliance.status();
  if (device.address) t.match(await page.locator('dialog .addresses').innerText(), device.address);
  t.equal(
    await page.evaluate('document.activeElement.closest("dialog") !== null'),
    true,
    'the focus is inside',
  );
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' }); // Escape closes it, and a closed one is gone
  t.equal(await page.evaluate('document.activeElement.id'), 'share', 'and the focus is where it was');
  await page.click('#help');
  await page.waitForSelector('dialog form');
  t.same(await violationsOf(page), [], 'help: axe-core');
  await page.keyboard.press('Escape');
  await page.click('#together');
  await page.waitForSelector('#room-name');
  t.same(await violationsOf(page), [], 'before joining: axe-core');
  await fits(t, page, 'with the chat');
  t.same(problems, []);
  await page.context().close();
});

t.test('by keyboard alone: sound, pause, full screen', async (t) => {
  const { page, problems } = await open({ viewport: desk });
  await page.waitForSelector('html[data-state="live"]', { timeout: 20_000 });
  const reached: string[] = [];
  for (let presses = 0; presses < 12; presses += 1) {
    await page.keyboard.press('Tab');
    reached.push((await page.evaluate('document.activeElement.id')) as string);
  }
  const controls = ['share', 'together', 'sound', 'pause', 'floating', 'fullscreen', 'way', 'help'];
  t.same(
    controls.filter((id) => !reached.includes(id)),
    [],
    `reached ${reached.join(', ')}`,
  );
  await page.evaluate('document.activeElement.blur()');
  await page.keyboard.press('m');
  t.equal(await page.evaluate('document.getElementById("picture").muted'), false, 'M: sound');
  await page.keyboard.press('k');
  await page.waitForSelector('#stage[data-paused="true"]');
  t.match(await page.locator('#tap-to-play').innerText(), /Paused/, 'K: pause');
  await page.keyboard.press('k');
  await page.waitForSelector('#stage[data-paused="false"]');
  await page.keyboard.press('f');
  await page.waitForFunction(() =>
    Boolean(Reflect.get(Reflect.get(globalThis, 'document'), 'fullscreenElement')),
  );
  await page.keyboard.press('f');
  t.same(problems, []);
  await page.context().close();
});

t.test('twice as large, from right to left, in German', async (t) => {
  const { page } = await open({ viewport: { width: 640, height: 400 }, locale: 'de-DE' });
  await page.waitForSelector('html[data-state="live"]', { timeout: 20_000 });
  t.equal(await page.evaluate('document.documentElement.lang'), 'de');
  t.equal(await text(page, 'state-heading'), 'Live');
  t.match(await page.title(), /^● Live/);
  t.equal(await page.locator('#share span').innerText(), 'Teilen');
  await fits(t, page, '200 %');
  await page.evaluate('document.documentElement.dir = "rtl"');
  await fits(t, page, 'from right to left');
  await page.setViewportSize({ width: 320, height: 640 });
  await fits(t, page, '400 %');
  await page.click('#together');
  await page.waitForSelector('#room-name');
  await fits(t, page, '400 % with the chat');
  await page.context().close();
});

t.test('what the browser is told: caches, security, the app', async (t) => {
  const html = await ask('GET', `${direct}/`);
  const { headers } = html;
  t.equal(headers['cache-control'], 'no-cache');
  t.match(
    headers['content-security-policy'],
    /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/,
  );
  t.notMatch(headers['content-security-policy'], /unsafe/);
  const scripts = [...html.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
  t.ok(scripts.length >= 2, scripts.join());
  for (const path of scripts) {
    const asset = await ask('GET', `${direct}${path}`);
    t.match(asset.headers['cache-control'], /max-age=31536000, immutable/, path);
  }
  const manifest = await ask('GET', `${direct}/manifest.webmanifest`);
  t.match(manifest, { status: 200, headers: { 'content-type': /^application\/manifest\+json/ } });
  const {
    icons,
    display,
    start_url: start,
  } = manifest.json as {
    icons: { src: string; type: string }[];
    display: string;
    start_url: string;
  };
  t.same([display, start], ['standalone', '/']);
  for (const { src, type } of icons) {
    const icon = await ask('GET', `${direct}${src}`);
    t.match(icon, { status: 200, headers: { 'content-type': type } }, src);
  }
});
