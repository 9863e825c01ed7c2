import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { wordsFor } from '#cli/demo/pattern-words.ts';
import { type LightPattern, periodOf, steadyHoldMs } from '#core/hardware/light/light.ts';
import { DeathGuard } from '#panel/light/death-guard.ts';
import { KernelLight } from '#panel/light/kernel-light.ts';
import { armedPattern, endlessPattern } from '#panel/light/kernel-pattern.ts';
import { accessPoint, asides, lightTable, nobodyThere, proofRow } from '#panel/light-table.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';
import { FakeMachine } from '#test/support/fake-machine.ts';
import { fileSays } from '#test/support/file-text.ts';
import { playKernelPattern } from '#test/support/kernel-pattern-player.ts';
import { isPlaying, playedRuns, type Run } from '#test/support/light-runs.ts';
import { shortFolder } from '#test/support/short-folder.ts';

const patterns: LightPattern[] = [
  ...Object.values(lightTable).flatMap(({ red, green, one }): LightPattern[] => [red, green, one]),
  ...Object.values(asides).flatMap(({ green, onAir }): LightPattern[] => [green, onAir]),
  accessPoint.green,
  proofRow({ row: 8, column: 8, digit: 9 }).green,
];
const name = 'onair:red:live';

/** What is seen from a moment on. */
function from(runs: readonly Run[], ms: number): Run[] {
  let leftMs = ms;
  return runs.flatMap((run) => {
    const cutMs = Math.min(leftMs, run.ms);
    leftMs -= cutMs;
    return run.ms > cutMs ? [{ ...run, ms: run.ms - cutMs }] : [];
  });
}

t.test('each pattern is played by the kernel as it is meant, then trouble, then nothing', (t) => {
  for (const brightness of [1, 255])
    for (const pattern of patterns) {
      const text = armedPattern({ pattern, holdMs: 20_000, after: nobodyThere, brightness });
      t.ok(text.length < 4_096, 'one page');
      const periodMs = periodOf(pattern) || 20_000;
      const heldMs = Math.ceil(20_000 / periodMs) * periodMs;
      t.ok(isPlaying(pattern, playKernelPattern(text, 1, heldMs), 0), `${pattern}`);
      const after = from(playKernelPattern(text, 1, heldMs + 60_000), heldMs);
      t.ok(isPlaying(nobodyThere, after, 0), `after ${pattern}: ${JSON.stringify(after.slice(0, 12))}`);
      t.match(playKernelPattern(text, 1, 3_600_000).at(-1), { lit: false }, 'in the end it is dark');
    }
  const endless = playKernelPattern(endlessPattern(nobodyThere, 1), -1, 3_600_000);
  t.ok(isPlaying(nobodyThere, endless, 0));
  t.end();
});

t.test('the player can tell: a pattern without its steps would fade', (t) => {
  t.throws(() => playKernelPattern('1 200 0 800', -1, 5_000), /fades/);
  t.throws(() => playKernelPattern('1', -1, 5_000), /EINVAL/);
  t.notOk(isPlaying([200, 800], playedRuns([200, 700], 5_000), 10));
  t.notOk(isPlaying('on', playedRuns([200, 700], 5_000), 10));
  t.end();
});

/** A light of the LED class, and how often the kernel was told something. */
async function kernelLight(t: Test, { saysLive = true, triggers = 'none [timer] pattern' } = {}) {
  const [fake, clock] = [await FakeMachine.make(t), new DrivenClock()];
  await fake.led(name, { triggers });
  const light = new KernelLight({ root: fake.machine.sysRoot, name, trouble: nobodyThere, saysLive, clock });
  t.teardown(() => light.close());
  const file = join(fake.machine.sysRoot, 'class/leds', name, 'pattern');
  /** Whether it was told since this was asked last. */
  const told = async (): Promise<boolean> => {
    const text = await readFile(file, 'utf8').catch(() => '');
    await writeFile(file, '');
    return text !== '';
  };
  return { fake, clock, light, told, played: (forMs: number) => fake.played(name, forMs) };
}

t.test('a blink is told once in 15 s or so, at the end of a period, whatever else goes on', async (t) => {
  const { clock, light, told } = await kernelLight(t);
  const pattern = lightTable.failed.red as readonly number[];
  await light.start();
  await told();
  light.show(pattern);
  t.equal(await told(), true);
  let times = 0;
  for (let ms = 0; ms < 80_000; ms += 100) {
    light.show([...pattern]);
    clock.advance(100);
    if (await told()) {
      times += 1;
      t.equal((ms + 100) % periodOf(pattern), 0, 'where it begins anew anyway');
    }
  }
  t.ok(times >= 4 && times <= 8, `${times} times in 80 s`);
});

t.test(
  'a pattern that takes longer than the kernel is told for is played whole, and once more',
  async (t) => {
    const { clock, light, told, played } = await kernelLight(t);
    const { green } = proofRow({ row: 8, column: 8, digit: 9 });
    await light.start();
    light.show(green);
    const periodMs = periodOf(green);
    t.ok(periodMs > 20_000);
    t.ok(isPlaying(green, played(periodMs + 5_000), 0), 'and no trouble behind it before it is told again');
    await told();
    clock.advance(periodMs - 1);
    t.equal(await told(), false);
    clock.advance(1);
    t.equal(await told(), true);
  },
);

t.test('steady red holds for 1.5 s, and as long as somebody says it', async (t) => {
  const { clock, light, told, played } = await kernelLight(t);
  await light.start();
  for (let said = 0; said < 20; said += 1) {
    light.show('on');
    t.same(played(steadyHoldMs), [{ lit: true, ms: steadyHoldMs }]);
    clock.advance(500);
  }
  await told();
  clock.advance(60_000);
  t.equal(await told(), false, 'it does not say so by itself');
  light.show('on');
  const runs = played(60_000);
  t.same(runs[0]?.lit && runs[0].ms, steadyHoldMs + 200, 'then trouble, which begins with a flash of 200 ms');
});

t.test('with gaps it says live as well, and holds no longer than it must', async (t) => {
  const { clock, light, told, played } = await kernelLight(t);
  await light.start();
  light.show(lightTable.live.one);
  const periodMs = periodOf(lightTable.live.one);
  t.ok(isPlaying(nobodyThere, from(played(60_000), periodMs), 0));
  await told();
  clock.advance(periodMs - 1);
  t.equal(await told(), false);
  clock.advance(1);
  t.equal(await told(), true, 'a panel that lives goes on with it');
});

t.test('the other light is steady for 20 s at a time: ready without a panel is not ready', async (t) => {
  const { clock, light, told, played } = await kernelLight(t, { saysLive: false });
  await light.start();
  light.show('on');
  t.same(played(20_000), [{ lit: true, ms: 20_000 }]);
  t.ok(isPlaying(nobodyThere, from(played(80_000), 20_000), 0));
  await told();
  light.show('on');
  t.equal(await told(), false, 'said already');
  clock.advance(15_000);
  t.equal(await told(), true);
});

t.test(
  'its trigger is chosen where it is not, and closed it shows for ever that nobody is there',
  async (t) => {
    for (const triggers of ['none [timer] pattern', 'none timer [pattern]']) {
      const { fake, light, played, clock } = await kernelLight(t, { triggers });
      t.equal(await KernelLight.isThere(fake.machine.sysRoot, name), true);
      await light.start();
      t.match(fake.text(`class/leds/${name}/trigger`), /^pattern$|\[pattern\]/);
      light.show('on');
      light.close();
      light.close();
      light.show('on');
      t.equal(clock.timers, 0);
      t.equal(fake.text(`class/leds/${name}/repeat`), '-1');
      t.ok(isPlaying(nobodyThere, played(3_600_000), 0));
    }
  },
);

t.test('a kernel without the trigger is known before; files that are not ours are waited for', async (t) => {
  const { fake } = await kernelLight(t, { triggers: 'none [timer] default-on' });
  t.equal(await KernelLight.isThere(fake.machine.sysRoot, name), false);
  t.equal(await KernelLight.isThere(fake.machine.sysRoot, 'onair:blue'), false);
  const clock = new DrivenClock();
  const light = new KernelLight({
    ...{ root: fake.machine.sysRoot, name: 'gone', trouble: nobodyThere, saysLive: true, clock },
  });
  let failure: unknown = null;
  void light.start().catch((error: unknown) => {
    failure = error;
  });
  while (failure === null) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(50);
  }
  t.match(failure, { code: 'unavailable', subject: 'gone', action: /class\/leds\/gone/ });
  light.close();
});

t.test('the guard puts lights out when the panel is killed, and does nothing sooner', async (t) => {
  const folder = await shortFolder(t);
  const [red, green] = [join(folder, 'red'), join(folder, 'green')];
  for (const file of [red, green]) await writeFile(file, '1');
  const program = `
    import { DeathGuard } from '${new URL('../../../../services/panel/light/death-guard.ts', import.meta.url)}';
    const guard = new DeathGuard({ files: process.argv.slice(1) });
    guard.start();
    guard.rest();
    console.log('guarded');
    setInterval(() => {}, 1000);`;
  const panel = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', program, red, green],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  t.teardown(() => panel.kill('SIGKILL'));
  await once(panel.stdout, 'data');
  t.equal(await readFile(red, 'utf8'), '1');
  panel.kill('SIGKILL');
  await Promise.all([fileSays(red, '0'), fileSays(green, '0')]);
  t.pass('both are out');
});

t.test(
  'the guard puts lights out when a panel that said live hangs, and guards again after that',
  async (t) => {
    const file = join(await shortFolder(t), 'red');
    await writeFile(file, '1');
    const guard = new DeathGuard({ files: [file] });
    t.teardown(() => guard.close());
    guard.start();
    guard.hold();
    guard.rest();
    await writeFile(file, '1');
    guard.hold();
    const heldAtMs = performance.now();
    await fileSays(file, '0');
    t.ok(performance.now() - heldAtMs >= steadyHoldMs - 50, 'not before its time');
    await writeFile(file, '1');
    guard.hold();
    await fileSays(file, '0');
    guard.close();
    guard.close();
  },
);

t.test('patterns in words', (t) => {
  t.equal(wordsFor('on'), 'on');
  t.equal(wordsFor('off'), 'off');
  t.equal(wordsFor(lightTable.retrying.red), 'flashes 2x every 2 s');
  t.equal(wordsFor(lightTable.live.green), 'goes out 1x every 2.2 s');
  t.equal(wordsFor(lightTable.booting.green), 'blinks evenly every 1 s');
  t.equal(wordsFor(asides.battery.green), 'flashes long and 5x short every 4.4 s');
  t.equal(wordsFor(asides.proofAsked.green), 'flashes 2x long every 4 s');
  const proof = proofRow({ row: 3, column: 1, digit: 7 });
  t.equal(wordsFor(proof.green), 'flashes long, 3x, 1x, 7x every 18.5 s');
  t.end();
});
