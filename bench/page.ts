import type { CDPSession } from 'playwright-core';
import { Appliance } from '../test/support/appliance.ts';
import { percentile } from '../test/support/percentile.ts';
import { ViewerPage } from '../test/support/viewer-page.ts';
import { spread } from './report.ts';
import type { Bench } from './sections.ts';

/** A cheap phone on a busy Wi-Fi: six times slower than this machine, 10 Mbit/s, 40 ms. */
const slowerBy = 6;
const link = { offline: false, latency: 40, downloadThroughput: 10e6 / 8, uploadThroughput: 10e6 / 8 };

/** What the viewer's page costs: bytes, time to the first paint and picture on a slow device, work while watching. */
export async function measurePage(bench: Bench): Promise<void> {
  const appliance = await Appliance.start({ settings: { viewing: { maxViewers: 100 } } });
  try {
    await appliance.press();
    await appliance.until(({ advancing }) => advancing, 15_000);
    const origin = await appliance.origin();
    for (const way of ['webrtc', 'hls'] as const) {
      await measureLoading(bench, origin, way);
      await measureWork(bench, origin, way);
    }
  } finally {
    await appliance.close();
  }
}

const nameOf = { webrtc: 'WebRTC', hls: 'LL-HLS' } as const;

interface Loaded {
  scriptBytes: number;
  playerBytes: number;
  firstPaintMs: number;
}

/** In the page: what was fetched, as it came over the network, and when something was painted first. */
const loaded = `(() => {
  const scripts = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js'));
  const bytes = (wanted) => scripts.filter(wanted).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  return {
    scriptBytes: bytes(({ name }) => !name.includes('/hls')),
    playerBytes: bytes(({ name }) => name.includes('/hls')),
    firstPaintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
  };
})()`;

async function measureLoading(
  { report, browser, quick }: Bench,
  origin: string,
  way: 'webrtc' | 'hls',
): Promise<void> {
  const paints: number[] = [];
  const frames: number[] = [];
  let last: Loaded | null = null;
  for (let count = 0; count < (quick ? 2 : 10); count += 1) {
    const context = await browser.newContext();
    const throttle = async (session: CDPSession): Promise<void> => {
      await session.send('Network.enable');
      await session.send('Network.emulateNetworkConditions', link);
      await session.send('Emulation.setCPUThrottlingRate', { rate: slowerBy });
    };
    const viewer = await ViewerPage.open(browser, origin, {
      path: `/?way=${way}`,
      context,
      before: throttle,
    });
    await viewer.state('live', way, 30_000);
    frames.push(await viewer.joinMs());
    last = (await viewer.page.evaluate(loaded)) as Loaded;
    paints.push(last.firstPaintMs);
    await context.close();
  }
  const section = 'page';
  if (last && way === 'webrtc') {
    report.add({
      section,
      name: 'script before a picture over WebRTC, gzipped',
      value: last.scriptBytes / 1024,
      unit: 'KB',
      goal: 30,
    });
  } else if (last) {
    const value = last.playerBytes / 1024;
    report.add({ section, name: 'hls.js besides, only where needed', value, unit: 'KB' });
  }
  const where = `${nameOf[way]}, CPU ÷ ${slowerBy}, 10 Mbit/s, 40 ms`;
  report.add({
    section,
    name: `${where}: first paint, median`,
    value: percentile(paints, 0.5),
    unit: 'ms',
    note: spread(paints),
  });
  report.add({
    section,
    name: `${where}: first frame, median`,
    value: percentile(frames, 0.5),
    unit: 'ms',
    note: spread(frames),
  });
}

/** Seconds of the page's main thread, for a minute of watching. */
async function measureWork(
  { report, browser, quick }: Bench,
  origin: string,
  way: 'webrtc' | 'hls',
): Promise<void> {
  const seconds = quick ? 10 : 60;
  const context = await browser.newContext();
  // Without the probe that reads each picture: only what the page itself does.
  const page = await context.newPage();
  await page.goto(`${origin}/?way=${way}`);
  await page.waitForSelector(`html[data-state="live"][data-way="${way}"]`, { timeout: 30_000 });
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable');
  const busySeconds = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
  const before = await busySeconds();
  await page.waitForTimeout(seconds * 1000);
  const perMinute = ((await busySeconds()) - before) * (60 / seconds);
  report.add({
    section: 'page',
    name: `${nameOf[way]}: main thread for a minute of watching`,
    value: perMinute,
    unit: 's',
    note: `over ${seconds} s`,
  });
  await context.close();
}
