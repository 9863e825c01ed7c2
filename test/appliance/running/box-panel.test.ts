import t, { type Test } from 'tap';
import { linkStatus } from '../../support/vm/guest-box.ts';
import { installGuestProgram } from '../../support/vm/guest-program.ts';
import { SimulatedLines, wiring } from '../../support/vm/lines.ts';
import { runningBox } from '../../support/vm/standard-box.ts';

const vm = await runningBox(t);
const { shell } = vm;
const lines = await SimulatedLines.open(shell);
const folder = lines.path(0).replace(/\/[^/]*$/, '');
const fast = process.env.FAST === '1';

/** What the contract's parts said, one by one; the ways they went. */
async function keepsContract(t: Test, program: string, way: 'device-tree' | 'sysfs'): Promise<string[]> {
  const told = await shell.run(`${program} ${way} ${folder}`, { withinMs: 300_000 });
  const parts = told.split('\n').map((line) => JSON.parse(line));
  for (const { what, problem } of parts) t.equal(problem, null, what);
  t.ok(parts.length >= 5);
  return parts.flatMap(({ ways }) => ways);
}

t.test('the real board keeps the contract of all boards', async (t) => {
  const program = await installGuestProgram(shell, 'board-contract');
  // Keys and lights are the panel's as long as it runs.
  await shell.run('systemctl stop onair-panel');
  t.teardown(() => shell.run('systemctl start onair-panel'));

  const noDeviceTree = vm.architecture === 'amd64' && 'this machine has no device tree';
  await t.test('with keys and lights of the device tree', { skip: noDeviceTree }, async (t) => {
    const ways = await keepsContract(t, program, 'device-tree');
    t.ok(
      ways.every((way) => /^button: key 167|of the LED class$/.test(way)),
      ways.join('; '),
    );
  });

  await t.test('with lines over sysfs', async (t) => {
    const found = vm.architecture === 'amd64' ? /by chip/ : /by name/; // names are the device tree's
    const ways = await keepsContract(t, program, 'sysfs');
    t.ok(
      ways.every((way) => found.test(way)),
      ways.join('; '),
    );
  });
});

t.test('the box is ready again: green, not red', async (t) => {
  await lines.steady(wiring.green, 1, { withinMs: 60_000 });
  t.equal(await lines.level(wiring.red), 0);
});

const percentile = (values: number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
  Number.NaN;

t.test('from a press to the light, and to live', async (t) => {
  const count = fast ? 4 : 50;
  const program = await installGuestProgram(shell, 'presses');
  const paths = [wiring.button, wiring.red, wiring.green].map((line) => lines.path(line)).join(' ');
  const told = await shell.run(`${program} ${count} ${paths}`, { withinMs: 60_000 + count * 60_000 });
  const pairs = JSON.parse(told) as { lightMs: number; redMs: number; liveMs: number; outMs: number }[];
  t.equal(pairs.length, count / 2);
  const figures = {
    'a light that changes': pairs.flatMap(({ lightMs, outMs }) => [lightMs, outMs]),
    live: pairs.map(({ liveMs }) => liveMs),
    'the red light': pairs.map(({ redMs }) => redMs),
  };
  for (const [name, values] of Object.entries(figures)) {
    const [p50, p95, max] = [percentile(values, 0.5), percentile(values, 0.95), Math.max(...values)];
    t.comment(
      `figure: press to ${name}, ${values.length} presses: p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, max ${max.toFixed(0)} ms`,
    );
  }
  t.ok(percentile(figures['a light that changes'], 0.5) < shell.within(2_000), 'a press is seen at once');
  t.equal((await linkStatus(shell)).broadcast.state, 'offline');
});

/** Of one core, over so many seconds; what its child processes do counts too. */
async function panelCpu(seconds: number): Promise<number> {
  const script = `pid=$(systemctl show -p MainPID --value onair-panel)
    used() { awk '{ print $14 + $15 + $16 + $17 }' /proc/$pid/stat; }
    before=$(used); sleep ${seconds}; after=$(used); echo $((after - before))`;
  const ticks = Number(await shell.run(script, { withinMs: (seconds + 60) * 1_000 }));
  return ticks / 100 / seconds;
}

t.test('the panel costs next to nothing, at rest and while a light blinks', async (t) => {
  await lines.steady(wiring.green, 1, { withinMs: 60_000 });
  const idle = await panelCpu(fast ? 5 : 20);
  await lines.press(4_000); // pairing: both lights blink for a minute
  const blinking = await panelCpu(fast ? 5 : 15);
  await lines.steady(wiring.green, 1, { withinMs: 90_000 });
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  t.comment(
    `figure: panel, of an emulated core: ${percent(idle)} at rest, ${percent(blinking)} while it blinks`,
  );
  t.ok(idle < 0.03 * shell.slowness, percent(idle));
  t.ok(blinking < 0.1 * shell.slowness, percent(blinking));
  t.equal((await linkStatus(shell)).broadcast.state, 'offline', 'none of this went live');
});
