import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { LightState } from '#core/hardware/light/light.ts';
import type { BoardCommand, BoardReport } from '#core/hardware/virtual-board.ts';
import { onLines } from '#core/runtime/lines.ts';
import { Appliance } from '../test/support/appliance.ts';
import { checkout } from '../test/support/command.ts';
import { percentile } from '../test/support/percentile.ts';
import { spread } from './report.ts';
import type { Bench } from './sections.ts';

const held = { shortMs: 80, stepMs: 10_000 };

async function pass(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** A finger on the virtual board's button, and an eye on its lights. */
class Hand {
  readonly #wire: ReturnType<typeof connect>;
  #lights: LightState = { red: 'off', green: 'off' };
  #changed: () => void = () => {};
  #done: () => void = () => {};

  constructor(stateDirectory: string) {
    this.#wire = connect(join(stateDirectory, 'board.sock'));
    onLines(this.#wire, (line) => {
      const report = JSON.parse(line) as BoardReport;
      if ('done' in report) this.#done();
      if (!('lights' in report)) return;
      this.#lights = report.lights;
      this.#changed();
    });
  }

  /** Presses, and returns when the finger left the button: from there a short press counts. */
  async press(): Promise<number> {
    await this.#tell({ button: 'down' });
    await pass(held.shortMs);
    const letGoAtMs = performance.now();
    await this.#tell({ button: 'up' });
    return letGoAtMs;
  }

  /** When the lights came to be so. */
  async until(satisfied: (lights: LightState) => boolean): Promise<number> {
    const deadline = AbortSignal.timeout(held.stepMs);
    while (!satisfied(this.#lights)) {
      if (deadline.aborted) throw new Error(`the lights stay ${JSON.stringify(this.#lights)}`);
      await Promise.race([
        new Promise<void>((resolve) => {
          this.#changed = resolve;
        }),
        once(deadline, 'abort'),
      ]);
    }
    return performance.now();
  }

  get shown(): string {
    return JSON.stringify(this.#lights);
  }

  close(): void {
    this.#wire.destroy();
  }

  async #tell(command: BoardCommand): Promise<void> {
    const done = new Promise<void>((resolve) => {
      this.#done = resolve;
    });
    this.#wire.write(`${JSON.stringify(command)}\n`);
    await done;
  }
}

/** Button to the first change of a light, and to steady red; what the panel costs while nothing happens. */
export async function measurePanel({ report, quick }: Bench): Promise<void> {
  const appliance = await Appliance.start();
  const hand = new Hand(appliance.stateDirectory);
  const [changeMs, liveMs]: [number[], number[]] = [[], []];
  const isReady = ({ red, green }: LightState): boolean => red === 'off' && green === 'on';
  try {
    await hand.until(isReady);
    for (let count = 0; count < (quick ? 5 : 50); count += 1) {
      const before = hand.shown;
      const pressedAtMs = await hand.press();
      changeMs.push((await hand.until(() => hand.shown !== before)) - pressedAtMs);
      liveMs.push((await hand.until(({ red }) => red === 'on')) - pressedAtMs);
      await hand.press();
      await hand.until(isReady);
      await pass(500); // the next standby pipeline warms up
    }
    const pid = (await appliance.status()).daemons.panel?.pid ?? 0;
    await reportShare({ report, quick }, 'the daemon, idle', pid);
  } finally {
    hand.close();
    await appliance.close();
  }
  for (const [name, tookMs, goal] of [
    ['button let go → light changes', changeMs, undefined],
    ['button let go → live light', liveMs, 500],
  ] as const)
    report.add({
      section: 'panel',
      name: `${name}, p50`,
      value: percentile(tookMs, 0.5),
      unit: 'ms',
      ...(goal === undefined ? {} : { goal }),
      note: spread(tookMs),
    });
  for (const what of ['idle', 'blinking', 'steady red'] as const)
    await measureLights({ report, quick }, what);
}

/** The lights alone, as on a board with the LED class: what the kernel does of it costs the panel nothing. */
async function measureLights(bench: Pick<Bench, 'report' | 'quick'>, what: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'onair-bench-'));
  const program = join(folder, 'panel-lights.mjs');
  const entryPoints = [join(checkout, 'bench/panel-lights.ts')];
  await build({ entryPoints, outfile: program, bundle: true, platform: 'node', format: 'esm' });
  const lights = spawn(process.execPath, [program, what], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(lights.stdout, 'data');
    await reportShare(bench, `lights of the LED class, ${what}`, lights.pid ?? 0, what !== 'steady red');
  } finally {
    lights.kill();
    await once(lights, 'exit');
    await rm(folder, { recursive: true });
  }
}

async function reportShare(
  { report, quick }: Pick<Bench, 'report' | 'quick'>,
  name: string,
  pid: number,
  shouldCostNothing = true,
): Promise<void> {
  const seconds = quick ? 10 : 60;
  await pass(quick ? 5_000 : 25_000); // Node.js tidies up for a while after it was busy
  const before = processorNanoseconds(pid);
  await pass(seconds * 1_000);
  const share = (processorNanoseconds(pid) - before) / (seconds * 1e9);
  report.add({
    section: 'panel',
    name,
    value: Math.round(share * 1e5) / 1e3,
    unit: '% of a core',
    ...(shouldCostNothing ? { goal: 0.05 } : {}), // 0.0 %, rounded
    note: `over ${seconds} s`,
  });
}

/** Of all threads of a process: its ticks of 10 ms are too coarse for this. */
function processorNanoseconds(pid: number): number {
  const folder = `/proc/${pid}/task`;
  return readdirSync(folder)
    .map((task) => Number(readFileSync(`${folder}/${task}/schedstat`, 'utf8').split(' ')[0]))
    .reduce((sum, nanoseconds) => sum + nanoseconds, 0);
}
