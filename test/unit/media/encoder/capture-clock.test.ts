import { setImmediate } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { monotonicMs } from '#core/runtime/monotonic.ts';
import { CaptureClock } from '#media/encoder/capture-clock.ts';
import { ProgressMeter } from '#media/encoder/progress-meter.ts';
import { StallWatch } from '#media/encoder/stall-watch.ts';
import { Pacer } from '#media/sources/pacer.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

t.test('capture time', async (t) => {
  const clock = new CaptureClock(1_000);
  t.equal(clock.startedMonotonicMs, 1_000);
  t.equal(clock.wallMs(500e6, 1_600, 50_000), 49_900, '100 ms ago');
  t.equal(clock.wallMs(500e6, 1_600, 90_000), 89_900, 'a wall clock that was set is followed');
  const leapMs = 20 * 365 * 86_400_000;
  t.equal(clock.wallMs(500e6, 1_600, leapMs), leapMs - 100, 'by years');
  t.equal(clock.wallMs(600e6, 1_700, -leapMs), -leapMs - 100, 'back as well');
});

t.test('progress over the last two seconds', async (t) => {
  const meter = new ProgressMeter();
  t.same(meter.read(0), { frames: 0, keyFrames: 0, bitrateKbps: null, framesPerSecond: null });
  for (let at = 0; at < 90; at += 1) meter.add((at * 1000) / 30, 1_000, at % 30 === 0);
  t.same(meter.read(2_967), { frames: 90, keyFrames: 3, bitrateKbps: 240, framesPerSecond: 30 });
  t.match(
    meter.read(3_967),
    { frames: 90, bitrateKbps: 120, framesPerSecond: 15 },
    'after a second of nothing',
  );
  t.match(meter.read(9_000), { bitrateKbps: 0, framesPerSecond: 0 });
  const young = new ProgressMeter();
  young.add(0, 1_000, true);
  t.match(young.read(1_900), { bitrateKbps: null });
});

/** A watch whose time is the test's, and what it has noticed. */
function stallWatch(t: Test, firstMs: number, nextMs: number) {
  const clock = new DrivenClock();
  const stalls: number[] = [];
  const watch = new StallWatch({
    firstMs,
    nextMs,
    pid: () => undefined,
    patience: 8, // process-idle.test.ts has real ones
    onStall: (silentMs) => stalls.push(silentMs),
    clock,
  });
  t.teardown(() => watch.close());
  /** It looks at signs of life that wait to be read before it looks at the time. */
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    for (let turn = 0; turn < 3; turn += 1) await setImmediate();
  };
  return { watch, stalls, pass };
}

t.test('a stall is noticed once, a long first wait is none', async (t) => {
  const { watch, stalls, pass } = stallWatch(t, 200, 50);
  watch.start();
  await pass(199);
  watch.advance();
  await pass(30);
  watch.advance();
  await pass(49);
  t.same(stalls, []);
  await pass(1);
  t.same(stalls, [50]);
  await pass(1_000);
  t.same(stalls, [50]);
});

t.test('what never began is a stall, too', async (t) => {
  const { watch, stalls, pass } = stallWatch(t, 200, 50);
  watch.start();
  await pass(200);
  t.same(stalls, [200]);
});

t.test('a sign of life that waited to be read while this process was held up is one', async (t) => {
  const { watch, stalls, pass } = stallWatch(t, 200, 50);
  watch.start();
  const late = setImmediate().then(() => watch.advance());
  await pass(200);
  await late;
  t.same(stalls, []);
});

t.test('after close there are no stalls', async (t) => {
  const { watch, stalls, pass } = stallWatch(t, 10, 10);
  watch.start();
  watch.close();
  watch.close();
  await pass(40);
  t.same(stalls, []);
});

t.test('a pacer that was held up skips pictures and makes up for sound', async (t) => {
  const pictures: number[] = [];
  const sounds: number[] = [];
  const base = monotonicMs();
  const done = new Promise<void>((resolve) => {
    const picturePacer = new Pacer({
      perSecond: 100,
      catchUp: 0,
      onSlot: (slot, dueMs) => {
        pictures.push(slot);
        t.ok(Math.abs(dueMs - (base + slot * 10)) < 0.001);
      },
    });
    const soundPacer = new Pacer({
      perSecond: 100,
      catchUp: 100,
      onSlot: (slot) => {
        sounds.push(slot);
        if (slot === 20) resolve();
      },
    });
    t.teardown(() => picturePacer.close());
    t.teardown(() => soundPacer.close());
    picturePacer.start(base);
    soundPacer.start(base);
    setTimeout(() => {
      const until = monotonicMs() + 60;
      while (monotonicMs() < until); // the event loop is held up
    }, 30);
  });
  await done;
  t.same(
    sounds,
    Array.from({ length: sounds.length }, (_, at) => at),
    'every slot of sound',
  );
  t.ok(
    pictures.some((slot, at) => at > 0 && slot - (pictures[at - 1] ?? 0) >= 5),
    'pictures were skipped',
  );
  t.ok(
    pictures.every((slot, at) => at === 0 || slot > (pictures[at - 1] ?? 0)),
    'and come once each',
  );
});
