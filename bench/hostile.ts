import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Appliance } from '../test/support/appliance.ts';
import { percentile } from '../test/support/percentile.ts';
import { residentMegabytes } from './process-figures.ts';
import { spread } from './report.ts';
import type { Bench } from './sections.ts';

const listeners = 100;

/** Each round sets another one: who hears of it, hears of that round. */
let bitrateKbps = 2_000;

interface Heard {
  bitrate: number;
  allAtMs: number[];
}

/** What hostile clients do to honest ones: a status to 100 LANCast clients, in quiet and under attack. */
export async function measureHostile({ report, quick }: Bench): Promise<void> {
  const appliance = await Appliance.start({ settings: { viewing: { maxViewers: 10_000 } } });
  const origin = await appliance.origin();
  const honest = start('honest-listeners.ts', [origin, String(listeners)]);
  const lines = createInterface({ input: honest.stdout as NodeJS.ReadableStream });
  try {
    await nextLine(lines);
    await appliance.press();
    await appliance.until(({ advancing }) => advancing);
    const quiet = await statusDelays(appliance, lines, quick ? 5 : 40);
    const { daemons } = await appliance.status();
    const before = residentMegabytes(daemons.control?.pid ?? 0);
    const hostile = start('hostile-clients.ts', [origin, quick ? '3' : '12']);
    const ended = new Promise((resolve) => hostile.once('exit', resolve));
    const attacked = await statusDelays(appliance, lines, quick ? 5 : 40);
    await ended;
    const after = residentMegabytes(daemons.control?.pid ?? 0);
    const [calm, busy] = [percentile(quiet, 0.99), percentile(attacked, 0.99)];
    report.add({
      section: 'hostile',
      name: 'status to 100 clients, quiet, p99',
      value: calm,
      unit: 'ms',
      note: spread(quiet, 1),
    });
    report.add({
      section: 'hostile',
      name: 'the same under attack, p99',
      value: busy,
      unit: 'ms',
      goal: 2 * calm,
      note: spread(attacked, 1),
    });
    report.add({
      section: 'hostile',
      name: 'control: resident after − before',
      value: after - before,
      unit: 'MB',
    });
    const { daemons: survivors } = await appliance.status();
    if (survivors.control?.pid !== daemons.control?.pid) throw new Error('control did not survive');
  } finally {
    honest.stdin?.end();
    await appliance.close();
  }
}

/** The bitrate is set; how long until each of the listeners has heard of it. */
async function statusDelays(appliance: Appliance, lines: Interface, rounds: number): Promise<number[]> {
  const delays: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    bitrateKbps += 1;
    const heard = nextLine(lines);
    const setAtMs = performance.timeOrigin + performance.now();
    await appliance.call('PATCH', '/api/v1/settings', { video: { bitrateKbps } });
    const { bitrate, allAtMs } = JSON.parse(await heard) as Heard;
    if (bitrate !== bitrateKbps) throw new Error(`heard of ${bitrate}, not ${bitrateKbps}`);
    delays.push(...allAtMs.map((atMs) => atMs - setAtMs));
  }
  return delays;
}

async function nextLine(lines: Interface): Promise<string> {
  return await new Promise((resolve) => lines.once('line', resolve));
}

function start(script: string, args: string[]): ChildProcess {
  const path = fileURLToPath(new URL(script, import.meta.url));
  return spawn(process.execPath, ['--import', 'tsx', path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
}
