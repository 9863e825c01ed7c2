// Runs in the guest: presses the button so often and measures from the edge on its line.
//   presses.mjs COUNT BUTTON-FOLDER RED-FOLDER GREEN-FOLDER        the folders of simulated lines
// Prints one JSON array: for each press that goes live the milliseconds until a light changed, until red was lit, until
// "live", and for the press that ends it until red was out.
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { cpus } from 'node:os';

const [count = '1', button = '', red = '', green = ''] = process.argv.slice(2);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const level = (folder: string): string => readFileSync(`${folder}/value`, 'utf8')[0] ?? '';
const lights = (): string => level(red) + level(green);

let state = '';
const waiting = new Set<() => void>();
get({ socketPath: '/run/onair/control.sock', path: '/api/v1/events' }, (response) => {
  let rest = '';
  response.setEncoding('utf8').on('data', (text: string) => {
    const events = (rest + text).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data) state = JSON.parse(data).broadcast.state;
    }
    for (const wake of waiting) wake();
  });
});

async function untilState(wanted: string, withinMs: number): Promise<void> {
  const deadlineMs = Date.now() + withinMs;
  while (state !== wanted) {
    if (Date.now() > deadlineMs) throw new Error(`${state} instead of ${wanted} after ${withinMs} ms`);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 1_000);
      waiting.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    waiting.clear();
  }
}

async function untilTrue(condition: () => boolean, withinMs: number): Promise<number> {
  const deadlineMs = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`not seen within ${withinMs} ms`);
    await pause(2);
  }
  return performance.now();
}

/** The lights are at rest: nothing about to change by itself. */
async function steady(pair: string): Promise<void> {
  let sinceMs = performance.now();
  await untilTrue(() => {
    if (lights() !== pair) sinceMs = performance.now();
    return performance.now() - sinceMs > 600;
  }, 30_000);
}

/**
 * The processors are idle for half of a second: the next pipeline is ready, as it is on a board by the time that somebody
 * presses again. Where they never are, the figures say so.
 */
async function atRest(): Promise<void> {
  const used = (): { idle: number; all: number } => {
    const times = cpus().map((cpu) => cpu.times);
    const sum = (of: (one: (typeof times)[number]) => number): number =>
      times.reduce((total, one) => total + of(one), 0);
    return { idle: sum(({ idle }) => idle), all: sum((one) => Object.values(one).reduce((a, b) => a + b)) };
  };
  const deadlineMs = performance.now() + 30_000;
  while (performance.now() < deadlineMs) {
    const before = used();
    await pause(1_000);
    const after = used();
    if (2 * (after.idle - before.idle) > after.all - before.all) return;
  }
}

/** What a finger does; resolves when it has let go. */
async function press(): Promise<void> {
  writeFileSync(`${button}/pull`, 'pull-down');
  await pause(120);
  writeFileSync(`${button}/pull`, 'pull-up');
}

interface Pair {
  lightMs: number;
  redMs: number;
  liveMs: number;
  outMs: number;
}
const pairs: Pair[] = [];
await untilState('offline', 30_000);
for (let pair = 0; pair < Number(count) / 2; pair += 1) {
  await atRest();
  await steady('01');
  let atMs = performance.now();
  let released = press();
  const live = untilState('live', 60_000).then(() => performance.now());
  const lightMs = (await untilTrue(() => lights() !== '01', 30_000)) - atMs;
  const redMs = (await untilTrue(() => level(red) === '1' && state === 'live', 60_000)) - atMs;
  const liveMs = (await live) - atMs;
  await released;
  atMs = performance.now();
  released = press();
  const outMs = (await untilTrue(() => level(red) === '0', 30_000)) - atMs;
  await released;
  await untilState('offline', 60_000);
  pairs.push({ lightMs, redMs, liveMs, outMs });
}
console.log(JSON.stringify(pairs));
process.exit();
