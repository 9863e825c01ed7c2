// make screenshots: every page and state, on phones and on a desk, in light and in dark, English and German, into
// dist/screenshots/. ARGS="--language de --size phone --scheme dark --only studio-live,room --whole" only those, --whole to their ends.
import { mkdir, rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { z } from 'zod';
import type { roomList } from '../services/core/protocol/endpoints/rooms.ts';
import { Appliance } from '../test/support/appliance.ts';
import { launchBrowser } from '../test/support/browser.ts';
import { pageStates, speakAs } from '../test/support/page-states.ts';
import { StudioPage } from '../test/support/studio-page.ts';

const directory = 'dist/screenshots';
const sizes = {
  phone: { width: 390, height: 844 },
  desk: { width: 1440, height: 900 },
  landscape: { width: 844, height: 390 },
  narrow: { width: 320, height: 568 },
} as const;
const schemes = ['light', 'dark'] as const;
const locales = { en: 'en-GB', de: 'de-DE' } as const;

type RoomList = z.infer<typeof roomList>;

interface Look {
  size: keyof typeof sizes;
  scheme: (typeof schemes)[number];
  language: keyof typeof locales;
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    size: { type: 'string' },
    scheme: { type: 'string' },
    language: { type: 'string' },
    whole: { type: 'boolean', default: false },
  },
});
const all: Look[] = (Object.keys(sizes) as Look['size'][]).flatMap((size) =>
  schemes.flatMap((scheme) =>
    (Object.keys(locales) as Look['language'][]).map((language) => ({ size, scheme, language })),
  ),
);
const isUsual = ({ size, scheme, language }: Look): boolean =>
  language === 'en'
    ? ['phone', 'desk'].includes(size) || scheme === 'light'
    : scheme === 'light' && size !== 'landscape';
const named = all.filter(
  ({ size, scheme, language }) =>
    [values.size ?? size, values.scheme ?? scheme, values.language ?? language].join() ===
    [size, scheme, language].join(),
);
const looks = values.size || values.scheme || values.language ? named : all.filter(isUsual);
const wanted = (name: string): boolean => values.only === undefined || values.only.split(',').includes(name);

async function opened(
  browser: Browser,
  { size, scheme, language }: Look,
  prepare?: (page: Page) => Promise<void>,
  storageState?: Storage,
): Promise<Page> {
  const phone = size !== 'desk' ? { isMobile: true, hasTouch: true } : {};
  const context = await browser.newContext({
    viewport: sizes[size],
    colorScheme: scheme,
    reducedMotion: 'reduce',
    ...(storageState ? { storageState } : {}),
    locale: locales[language],
    ...phone,
  });
  const page = await context.newPage();
  await prepare?.(page);
  return page;
}

async function shoot(page: Page, name: string, { size, scheme, language }: Look): Promise<void> {
  // What comes and goes by itself is no part of a state.
  await page.evaluate('document.querySelector(".toasts")?.replaceChildren()');
  const path = `${directory}/${name}-${size}-${scheme}${language === 'en' ? '' : `-${language}`}.png`;
  await page.screenshot({ path, animations: 'disabled', fullPage: values.whole });
}

/** The root element says how things stand. */
const state = (name: string): string => `html[data-state="${name}"]`;

async function playing(page: Page): Promise<void> {
  await page.waitForSelector(state('live'), { timeout: 60_000 });
  await page.locator('#quality', { hasText: 'bit/s' }).waitFor({ state: 'attached' });
  const sinceCapture = ['from the camera to this screen', 'von der Kamera bis zu diesem Bildschirm'];
  const told = sinceCapture.map((words) => `#delay[title*="${words}"]`).join(', ');
  await page.waitForSelector(told, { state: 'attached', timeout: 60_000 });
}

/** States without pictures, as a box of our own making says them. */
async function silentStates(browser: Browser, origin: string, look: Look): Promise<void> {
  // Side by side: most of the time is spent waiting for what does not come.
  const shots = Object.entries(pageStates).map(async ([name, { shows, said }]) => {
    if (!wanted(name)) return;
    const page = await opened(browser, look, (fresh) => speakAs(fresh, said));
    await page.goto(origin);
    await page.waitForSelector(state(shows), { timeout: 60_000 });
    await shoot(page, name, look);
    await page.context().close();
  });
  await Promise.all(shots);
}

const talk: [string, string][] = [
  ['Ada', 'Good evening! The picture is lovely from here.'],
  ['Noor', 'مرحبا بالجميع'],
  ['Kim', 'Can we see that goal again?'],
  ['Ada', 'Going back ten seconds …'],
];

async function joinRoom(page: Page, name: string): Promise<void> {
  await page.click('#together');
  await page.fill('#room-name', name);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#room-text:visible');
}

async function say(page: Page, text: string): Promise<void> {
  await page.fill('#room-text', text);
  await page.keyboard.press('Enter');
}

/** The states with pictures, from the box as it is. */
async function liveStates(browser: Browser, box: Appliance, origin: string, look: Look): Promise<void> {
  const page = await opened(browser, look);
  await page.goto(origin);
  await playing(page);
  if (wanted('live')) await shoot(page, 'live', look);
  if (wanted('share')) {
    await page.click('#share');
    await page.waitForSelector('dialog .qr-code');
    await shoot(page, 'share', look);
    await page.keyboard.press('Escape');
  }
  if (wanted('help')) {
    await page.locator('#facts').evaluate((facts) => facts.setAttribute('open', ''));
    await page.click('#help');
    await page.waitForSelector('dialog form');
    await shoot(page, 'help', look);
    await page.keyboard.press('Escape');
  }
  if (wanted('room-join')) {
    await page.click('#together');
    await page.waitForSelector('#room-name');
    await shoot(page, 'room-join', look);
    await page.click('#together');
  }
  if (wanted('room')) await room(browser, box, page, origin, look);
  await page.context().close();
}

/** Going back moves everybody only where somebody leads: the operator says who. */
async function letLead(box: Appliance, name: string): Promise<void> {
  const { rooms } = (await box.call('GET', '/api/v1/rooms')) as RoomList;
  const room = rooms.find(({ id }) => id === 'main');
  const member = room?.members.find((one) => one.name === name);
  if (member) await box.call('POST', `/api/v1/rooms/main/members/${member.id}/lead`);
}

async function room(browser: Browser, box: Appliance, page: Page, origin: string, look: Look): Promise<void> {
  await joinRoom(page, 'Ada');
  await letLead(box, 'Ada');
  const others = await Promise.all(
    ['Kim', 'Noor'].map(async (name) => {
      const other = await opened(browser, look);
      await other.goto(origin);
      await joinRoom(other, name);
      return [name, other] as const;
    }),
  );
  const speakers = new Map<string, Page>([['Ada', page], ...others]);
  for (const [name, text] of talk) {
    await say(speakers.get(name) ?? page, text);
    await page.locator('#room .log', { hasText: text }).waitFor();
  }
  await page.click('#room .together button >> nth=0');
  await page.waitForSelector('html[data-state="live"][data-shifted="true"][data-way="hls"]', {
    timeout: 60_000,
  });
  await page.locator('#delay', { hasText: /^(9|1[0-2])/ }).waitFor({ state: 'attached', timeout: 60_000 });
  await shoot(page, 'room', look);
  for (const [, other] of others) await other.context().close();
}

type Storage = Awaited<ReturnType<BrowserContext['storageState']>>;

/** Becomes operator by the button, once; the cookie is good for every look. */
async function operate(browser: Browser, box: Appliance, origin: string): Promise<Storage> {
  const studio = await StudioPage.open(browser, origin);
  await studio.pair(box);
  const storage = await studio.page.context().storageState();
  await studio.page.context().close();
  return storage;
}

/** The pages for setting up and operating the box. */
async function otherPages(browser: Browser, origin: string, look: Look, operator: Storage): Promise<void> {
  const shown = async (name: string, path: string, storage?: Storage): Promise<void> => {
    if (!wanted(name)) return;
    const page = await opened(browser, look, undefined, storage);
    await page.goto(`${origin}${path}`);
    await page.waitForLoadState('networkidle', { timeout: 5_000 }).catch(() => {}); // the studio never rests
    await shoot(page, name, look);
    await page.context().close();
  };
  await shown('setup', '/setup');
  await shown('trust', '/trust');
  await shown('studio-pairing', '/studio');
  for (const tab of ['live', 'settings', 'people', 'box', 'start'])
    await shown(`studio-${tab}`, `/studio#${tab}`, operator);
}

await rm(directory, { recursive: true, force: true });
await mkdir(directory, { recursive: true });
const [appliance, browser] = await Promise.all([
  Appliance.start({ settings: { video: { framesPerSecond: 10 } } }),
  launchBrowser(),
]);
try {
  const origin = await appliance.origin();
  for (const look of looks) await silentStates(browser, origin, look);
  await appliance.press();
  const { broadcast } = await appliance.until(({ advancing }) => advancing, 15_000);
  // By then there is something to go back to.
  const dueMs = Date.parse(broadcast.startTime ?? '') + 18_000;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - Date.now())));
  for (const look of looks) await liveStates(browser, appliance, origin, look);
  const operator = await operate(browser, appliance, origin);
  for (const look of looks) await otherPages(browser, origin, look, operator);
} finally {
  await browser.close();
  await appliance.close();
}
console.log(`The screenshots are in ${directory}/.`);
