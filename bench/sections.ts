import type { Browser } from 'playwright-core';
import { Appliance } from '../test/support/appliance.ts';
import { Fleet } from '../test/support/fleet.ts';
import { percentile } from '../test/support/percentile.ts';
import { ViewerPage } from '../test/support/viewer-page.ts';
import { makeBusyClip } from './busy-clip.ts';
import { familyOf, processorShare, proportionalSetMegabytes, residentMegabytes } from './process-figures.ts';
import { type Report, spread } from './report.ts';

const daemons = ['control', 'media', 'egress', 'panel'] as const;
const engines = ['native', 'node-datachannel', 'werift'] as const;

/** What is measured of a running box. */
export interface Bench {
  report: Report;
  browser: Browser;
  /** Fewer repetitions: to see that it works, not for figures to quote. */
  quick: boolean;
}

async function live(settings: object = {}, source = 'test'): Promise<Appliance> {
  const appliance = await Appliance.start({
    source,
    settings: { viewing: { maxViewers: 1_000 }, ...settings },
  });
  await appliance.press();
  await appliance.until(({ advancing }) => advancing, 15_000);
  return appliance;
}

async function pass(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Button to live, and to the light. */
export async function measureLive({ report, quick }: Bench): Promise<void> {
  const appliance = await Appliance.start();
  const tookMs: number[] = [];
  try {
    for (let press = 0; press < (quick ? 3 : 20); press += 1) {
      const reached = appliance.until(({ advancing }) => advancing, 15_000);
      const pressedAtMs = performance.now();
      await appliance.call('POST', '/api/v1/broadcast');
      await reached;
      tookMs.push(performance.now() - pressedAtMs);
      await appliance.call('DELETE', '/api/v1/broadcast');
      await appliance.until(({ broadcast }) => broadcast.state === 'offline');
      await pass(500); // the next standby pipeline warms up
    }
  } finally {
    await appliance.close();
  }
  report.add({
    section: 'live',
    name: 'go live → live light, median',
    value: percentile(tookMs, 0.5),
    unit: 'ms',
    goal: 500,
    note: spread(tookMs),
  });
}

/** Join to first decoded frame, by WebRTC and LL-HLS, at short and long GOPs. */
export async function measureJoins({ report, browser, quick }: Bench): Promise<void> {
  for (const keyFrameIntervalSeconds of [1, 10]) {
    const appliance = await live({ video: { keyFrameIntervalSeconds } });
    try {
      const origin = await appliance.origin();
      for (const [way, goal] of [
        ['webrtc', 250],
        ['hls', 1_000],
      ] as const) {
        const joins: number[] = [];
        const opened: number[] = [];
        for (let count = 0; count < (quick ? 3 : 20); count += 1) {
          const viewer = await ViewerPage.open(browser, origin, { path: `/?way=${way}` });
          await viewer.state('live', way, 15_000);
          const times = await viewer.page.evaluate(joinTimes);
          joins.push(times.firstFrameMs - times.requestMs);
          opened.push(times.firstFrameMs);
          await viewer.close();
        }
        const name = `${way === 'webrtc' ? 'WebRTC' : 'LL-HLS'}, GOP ${keyFrameIntervalSeconds} s`;
        report.add({
          section: 'join',
          name: `${name}: join → first frame, p95`,
          value: percentile(joins, 0.95),
          unit: 'ms',
          goal,
          note: spread(joins),
        });
        report.add({
          section: 'join',
          name: `${name}: page opened → first frame, p95`,
          value: percentile(opened, 0.95),
          unit: 'ms',
          note: spread(opened),
        });
      }
    } finally {
      await appliance.close();
    }
  }
}

/** In the page: when it asked for the stream, and when the first picture was shown, on the page's clock. */
function joinTimes(): { requestMs: number; firstFrameMs: number } {
  const requests = performance.getEntriesByType('resource');
  const request = requests.find(({ name }) => /\/whep$|live\.m3u8/.test(name));
  const probe = (globalThis as unknown as { onairProbe: { pictures: { atMs: number }[] } }).onairProbe;
  const firstFrameMs = (probe.pictures[0]?.atMs ?? Number.NaN) - performance.timeOrigin;
  return { requestMs: request?.startTime ?? Number.NaN, firstFrameMs };
}

/** From the clock burnt in at capture to the decoded pixels. */
export async function measureDelay({ report, browser, quick }: Bench): Promise<void> {
  const appliance = await live();
  try {
    const origin = await appliance.origin();
    for (const [way, goal, settleMs] of [
      ['webrtc', 80, 5_000],
      ['hls', 1_000, 20_000],
    ] as const) {
      const viewer = await ViewerPage.open(browser, origin, { path: `/?way=${way}` });
      await viewer.state('live', way, 15_000);
      await pass(quick ? 3_000 : settleMs);
      const pictures = await viewer.nextPictures(quick ? 30 : 300, 30_000);
      const delays = pictures.flatMap(({ atMs, clockMs }) => (clockMs === null ? [] : [atMs - clockMs]));
      const name = way === 'webrtc' ? 'WebRTC' : 'LL-HLS';
      report.add({
        section: 'delay',
        name: `${name}: capture → shown, median`,
        value: percentile(delays, 0.5),
        unit: 'ms',
        goal,
        note: spread(delays),
      });
      await viewer.close();
    }
  } finally {
    await appliance.close();
  }
}

/** What egress costs for each viewer, on both engines. */
export async function measureEgress({ report, quick }: Bench): Promise<void> {
  const clip = await makeBusyClip();
  for (const engine of engines) {
    const appliance = await live({ webrtc: { engine } }, clip.source);
    const fleet = new Fleet({ whepUrl: `${await appliance.origin()}/whep` });
    try {
      const { daemons: running } = await appliance.status();
      const pid = running.egress?.pid ?? 0;
      const shares = new Map<number, number>();
      let joined = 0;
      const rates: number[] = [];
      for (const viewers of quick ? [1, 10] : [1, 10, 25, 50]) {
        await fleet.tell({ join: viewers - joined });
        joined = viewers;
        await pass(2_000);
        const share = await processorShare(pid, () => pass(quick ? 3_000 : 10_000));
        shares.set(viewers, share);
        const megabits = ((await appliance.status()).stream.bitrateKbps ?? 0) / 1_000;
        rates.push(megabits);
        report.add({
          section: 'egress',
          name: `${engine}: ${viewers} viewers`,
          value: share * 100,
          unit: '% of a core',
          note: `${megabits.toFixed(2)} Mbit/s, ${proportionalSetMegabytes(pid).toFixed(0)} MB`,
        });
      }
      const [few, many] = quick ? [1, 10] : [10, 50];
      const slope =
        ((shares.get(many) ?? 0) - (shares.get(few) ?? 0)) / (many - few) / percentile(rates, 0.5);
      report.add({
        section: 'egress',
        name: `${engine}: per viewer per Mbit, ${few} → ${many}`,
        value: slope * 100,
        unit: '% of a core',
        ...(engine === 'native' ? { goal: 0.07 } : {}),
      });
    } finally {
      await fleet.close();
      await appliance.close();
    }
  }
  await clip.remove();
}

/** Memory of all daemons, with nobody and with 25 viewers. */
export async function measureMemory({ report }: Bench): Promise<void> {
  const appliance = await Appliance.start({ settings: { viewing: { maxViewers: 1_000 } } });
  try {
    await pass(5_000);
    await reportMemory(report, appliance, 'idle', 160);
    await appliance.press();
    await appliance.until(({ advancing }) => advancing);
    const fleet = new Fleet({ whepUrl: `${await appliance.origin()}/whep` });
    await fleet.tell({ join: 25 });
    await pass(10_000);
    await reportMemory(report, appliance, '25 viewers', 200);
    await fleet.close();
  } finally {
    await appliance.close();
  }
}

async function reportMemory(report: Report, appliance: Appliance, when: string, goal: number): Promise<void> {
  const { daemons: running } = await appliance.status();
  let sum = 0;
  for (const daemon of daemons) {
    const processes = familyOf(running[daemon]?.pid ?? 0);
    const megabytes = processes.reduce((total, pid) => total + proportionalSetMegabytes(pid), 0);
    sum += megabytes;
    report.add({
      section: 'memory',
      name: `${daemon}, ${when}`,
      value: megabytes,
      unit: 'MB',
      note: `${processes.length} process(es)`,
    });
  }
  report.add({ section: 'memory', name: `all daemons, ${when}`, value: sum, unit: 'MB', goal });
}

/** Joins and leaves leave nothing behind. */
export async function measureChurn({ report, quick }: Bench): Promise<void> {
  const appliance = await live();
  const fleet = new Fleet({ whepUrl: `${await appliance.origin()}/whep` });
  try {
    const { daemons: running } = await appliance.status();
    let done = 0;
    for (const sessions of quick ? [0, 50, 100] : [0, 500, 1_000, 2_000]) {
      await fleet.tell({ churn: sessions - done });
      done = sessions;
      await pass(3_000);
      for (const daemon of ['egress', 'control'] as const) {
        const megabytes = residentMegabytes(running[daemon]?.pid ?? 0);
        report.add({
          section: 'churn',
          name: `${daemon}: resident after ${sessions} joins`,
          value: megabytes,
          unit: 'MB',
        });
      }
    }
  } finally {
    await fleet.close();
    await appliance.close();
  }
}

/** How long a page's pictures stand still when a daemon is killed. */
export async function measureRecovery({ report, browser }: Bench): Promise<void> {
  const appliance = await live();
  try {
    const origin = await appliance.origin();
    for (const way of ['webrtc', 'hls'] as const) {
      const viewer = await ViewerPage.open(browser, origin, { path: `/?way=${way}`, expected: [/.*/] });
      await viewer.state('live', way, 15_000);
      for (const daemon of ['media', 'egress', 'panel', 'control'] as const) {
        await viewer.nextPictures(60, 20_000);
        const killedAtMs = Date.now();
        await appliance.kill(daemon);
        await viewer.pictureAfter(killedAtMs + 3_500, 20_000);
        const { overAfterMs } = await viewer.interruption(killedAtMs);
        report.add({
          section: 'recovery',
          name: `${way}: ${daemon} killed → pictures go on`,
          value: overAfterMs,
          unit: 'ms',
          goal: daemon === 'control' ? 3_000 : 2_000,
        });
        await appliance.until(({ daemons: running }) => Object.values(running).every(({ up }) => up));
      }
      await viewer.close();
    }
  } finally {
    await appliance.close();
  }
}
