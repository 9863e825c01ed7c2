import t from 'tap';
import { TargetBitrate } from '#egress/congestion/target-bitrate.ts';

const begun = () => new TargetBitrate({ ceilingKbps: 3_000, adaptive: true });
const link = (id: string, estimateKbps: number | null) => ({ id, estimateKbps });

t.test('the narrowest link that takes the floor holds the target', async (t) => {
  const target = begun();
  t.same(target.evaluate([link('a', null), link('b', 9_000)], 0), { targetKbps: 3_000, heldBy: null });
  const decision = target.evaluate([link('a', 2_100), link('b', 9_000), link('c', 2_600)], 250);
  t.same(decision, { targetKbps: 1_800, heldBy: 'a' }, '(2,100 - 100) × 0.9');
  t.equal(target.fitness('a', 250), 'fits');
});

t.test('down at once, up in steps and not in a hurry', async (t) => {
  const target = begun();
  target.evaluate([link('a', 1_600)], 0);
  t.equal(target.targetKbps, 1_350);
  target.evaluate([link('a', 9_000)], 1_000);
  t.equal(target.targetKbps, 1_350, 'not within 2 s');
  let nowMs = 2_000;
  const steps: number[] = [];
  for (; target.targetKbps < 3_000 && nowMs < 60_000; nowMs += 250) {
    target.evaluate([link('a', 9_000)], nowMs);
    steps.push(target.targetKbps);
  }
  t.equal(target.targetKbps, 3_000, `at the ceiling after ${nowMs} ms`);
  t.ok(steps.every((kbps, at) => kbps <= 1.2 * (steps[at - 1] ?? 1_350)));
});

t.test('small changes change nothing', async (t) => {
  const target = begun();
  target.evaluate([link('a', 2_100)], 0);
  for (const [at, kbps] of [2_080, 2_120, 2_060, 2_150].entries()) {
    target.evaluate([link('a', kbps)], 5_000 * (at + 1));
    t.equal(target.targetKbps, 1_800);
  }
});

t.test('who cannot take the floor holds it for 5 s, then gets key frames, then ends', async (t) => {
  const target = begun();
  const viewers = [link('slow', 500), link('fast', 9_000)];
  t.same(target.evaluate(viewers, 0), { targetKbps: 1_000, heldBy: 'slow' }, 'the floor is a third');
  target.evaluate(viewers, 4_900);
  t.equal(target.targetKbps, 1_000);
  t.equal(target.fitness('slow', 4_900), 'fits');
  t.equal(target.fitness('slow', 5_000), 'key-frames');
  for (let nowMs = 5_000; nowMs < 40_000; nowMs += 250) target.evaluate(viewers, nowMs);
  t.equal(target.targetKbps, 3_000, 'the others see the whole again');
  t.equal(target.fitness('slow', 34_900), 'key-frames');
  t.equal(target.fitness('slow', 35_000), 'ended');
  t.equal(target.fitness('fast', 40_000), 'fits');
  target.evaluate([link('slow', 2_000), link('fast', 9_000)], 40_000);
  t.equal(target.fitness('slow', 40_000), 'fits', 'it may recover');
});

t.test('who falls below the floor again and again does not hold the others down', async (t) => {
  const target = begun();
  const targets: number[] = [];
  for (let nowMs = 0; nowMs < 60_000; nowMs += 250) {
    const falls = nowMs % 5_000 < 4_750;
    target.evaluate([link('restless', falls ? 50 : 9_000), link('fast', 9_000)], nowMs);
    if (nowMs >= 20_000) targets.push(target.targetKbps);
  }
  t.ok(
    targets.every((kbps) => kbps === 3_000),
    'after the first time the others see the whole',
  );
});

t.test('switched off, the setting holds whatever the links do', async (t) => {
  const target = new TargetBitrate({ ceilingKbps: 3_000, adaptive: false });
  t.same(target.evaluate([link('a', 500)], 0), { targetKbps: 3_000, heldBy: null });
  target.evaluate([link('a', 500)], 60_000);
  t.equal(target.fitness('a', 60_000), 'fits', 'nobody is ended for it');
});

t.test('a new setting', async (t) => {
  const target = begun();
  target.configure({ ceilingKbps: 4_000, adaptive: true });
  t.equal(target.targetKbps, 4_000, 'where nobody held it');
  target.evaluate([link('a', 2_100)], 0);
  target.configure({ ceilingKbps: 5_000, adaptive: true });
  t.equal(target.targetKbps, 1_800, 'who held it still does');
  target.configure({ ceilingKbps: 1_500, adaptive: true });
  t.equal(target.targetKbps, 1_500);
  target.configure({ ceilingKbps: 3_000, adaptive: false });
  t.equal(target.targetKbps, 3_000);
});
