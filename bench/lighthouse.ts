import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Appliance } from '../test/support/appliance.ts';
import type { Bench } from './sections.ts';

/** The last that runs on Node 20; no dependency of ours: npm fetches it where it may. */
const lighthouse = ['--yes', 'lighthouse@12.8.2'];
const fetchTimeoutMs = 180_000;
const runTimeoutMs = 180_000;
const goal = 95;

const flags = [
  '--quiet',
  '--output=json',
  '--only-categories=accessibility,best-practices,performance',
  '--throttling-method=provided',
  '--max-wait-for-load=15000',
  '--chrome-flags=--headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking',
];

interface Result {
  categories: Record<string, { title: string; score: number | null }>;
}

const run = promisify(execFile);

async function npx(args: string[], timeout: number): Promise<string> {
  const env = { ...process.env, CHROME_PATH: '/usr/bin/chromium' };
  const { stdout } = await run('npx', [...lighthouse, ...args], { env, timeout, maxBuffer: 64 * 2 ** 20 });
  return stdout;
}

/** What Lighthouse makes of the pages; where it can't be had, that is said and nothing is measured. */
export async function measureLighthouse({ report }: Bench): Promise<void> {
  try {
    await npx(['--version'], fetchTimeoutMs);
  } catch {
    console.log('lighthouse cannot be fetched here: left out');
    return;
  }
  const appliance = await Appliance.start();
  const measure = async (
    name: string,
    path: string,
    counts: (category: string) => boolean,
  ): Promise<void> => {
    const { categories } = JSON.parse(
      await npx([`${await appliance.origin()}${path}`, ...flags], runTimeoutMs),
    ) as Result;
    for (const [category, { title, score }] of Object.entries(categories)) {
      if (!counts(category)) continue;
      const note = score === null ? 'no score: this machine was never idle for 5 s' : '';
      const value = score === null ? Number.NaN : score * 100;
      const figure = { section: 'lighthouse', name: `${name}: ${title}`, value, unit: 'of 100' };
      report.add({ ...figure, goal, atLeast: true, note });
    }
  };
  try {
    await measure('viewer, not on air', '/', () => true);
    await measure('studio', '/studio', () => true);
    await measure('set-up', '/setup', () => true);
    await appliance.press();
    await appliance.until(({ advancing }) => advancing, 15_000);
    // While pictures move, each longer figure below them counts as a larger "contentful paint", seconds later:
    // how fast the live page is, the section "page" measures.
    await measure('viewer, live', '/', (category) => category !== 'performance');
  } finally {
    await appliance.close();
  }
}
