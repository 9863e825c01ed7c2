import t from 'tap';
import { PictureLine } from '#media/encoder/picture-line.ts';
import { slateId } from '#media/encoder/plan.ts';
import { SoundLine } from '#media/encoder/sound-line.ts';
import { SampleClock } from '#media/sources/sample-clock.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

/** A picture line at 25 frames a second whose sources are numbers in one byte. */
function pictureLine() {
  const clock = new DrivenClock();
  const pushed: { value: number; timeMs: number; atMs: number }[] = [];
  const shown: string[] = [];
  const line = new PictureLine({
    framesPerSecond: 25,
    pictureBytes: 1,
    clock,
    baseMs: clock.monotonicMs(),
    paintSlate: () => Buffer.from([99]),
    push: (bytes, timeNs) =>
      pushed.push({ value: bytes[0] ?? -1, timeMs: timeNs / 1e6, atMs: clock.monotonicMs() }),
    onShowing: (id) => shown.push(id),
    onFresh: () => {},
  });
  const input = (value: number) => ({
    read: (into: Buffer) => {
      into[0] = value;
      return true;
    },
  });
  const inputs = new Map([
    ['a', input(1)],
    ['b', input(2)],
  ]);
  const order = (...ids: string[]) =>
    line.setPlan(
      {
        sources: ['a', 'b'].map((id) => ({ id, socketPath: id, intervalMs: 40 })),
        order: ids.map((id) => ({ id, sound: null })),
        hold: false,
        slateSource: null,
        overlaySocket: null,
        slateAfterMs: null,
      },
      inputs,
    );
  /** Pictures of these sources, as they come, for so long. */
  const play = (ms: number, ...ids: string[]) => {
    for (let passed = 0; passed < ms; passed += 40) {
      for (const id of ids) line.arrived(id, clock.monotonicMs());
      clock.advance(40);
    }
  };
  const isAscending = () =>
    pushed.every(({ timeMs }, at) => at === 0 || timeMs > (pushed[at - 1]?.timeMs ?? 0));
  return { clock, line, pushed, shown, order, play, isAscending };
}

t.test('pictures stop: the last one again, the slate within a second, the picture at once', async (t) => {
  const { clock, line, pushed, shown, order, play, isAscending } = pictureLine();
  t.teardown(() => line.close());
  order('a');
  clock.advance(3_000);
  t.same(pushed, [], 'before the first picture there is nothing to repeat');
  play(2_000, 'a');
  t.same(shown, ['a']);
  const lastMs = clock.monotonicMs() - 40;
  clock.advance(3_000);
  t.same(shown, ['a', slateId]);
  const slateMs = (pushed.find(({ value }) => value === 99)?.atMs ?? Number.POSITIVE_INFINITY) - lastMs;
  t.ok(slateMs <= 1_000, `the slate after ${slateMs} ms`);
  const gapsMs = pushed.slice(1).map(({ atMs }, at) => atMs - (pushed[at]?.atMs ?? 0));
  t.ok(Math.max(...gapsMs) <= 140, `never more than ${Math.max(...gapsMs)} ms without a picture`);
  play(80, 'a');
  t.same(shown, ['a', slateId, 'a']);
  t.equal(pushed.at(-1)?.value, 1);
  t.ok(isAscending(), 'time never goes back');
});

t.test('another source is cut to with its next picture; it falls back to the one before', async (t) => {
  const { line, pushed, shown, order, play, isAscending } = pictureLine();
  t.teardown(() => line.close());
  order('a');
  play(1_000, 'a', 'b');
  order('b', 'a');
  const from = pushed.length;
  play(120, 'a', 'b');
  t.ok(pushed.slice(from).some(({ value }) => value === 2));
  t.same(shown, ['a', 'b']);
  play(1_200, 'a');
  t.equal(shown.at(-1), 'a', 'b is silent: the next of the order');
  t.notOk(shown.includes(slateId));
  t.ok(isAscending());
});

t.test('sound is one line: silence where none comes, and gain', async (t) => {
  const clock = new DrivenClock();
  const pushed: { samples: number; timeNs: number; peak: number }[] = [];
  const line = new SoundLine({
    clock,
    baseMs: clock.monotonicMs(),
    push: (bytes, timeNs) => {
      const peak = Math.max(...new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2));
      pushed.push({ samples: bytes.length / 4, timeNs, peak });
    },
    onLevel: () => {},
  });
  t.teardown(() => line.close());
  line.start();
  line.take('a');
  line.setControls({ muted: false, gainDb: -6.0206, delayMs: 0 });
  const chunk = Buffer.from(new Int16Array(1_920).fill(10_000).buffer);
  for (let at = 0; at < 50; at += 1) {
    line.arrived('a', chunk, clock.monotonicMs());
    clock.advance(20);
  }
  clock.advance(1_000);
  let end = pushed[0]?.timeNs ?? 0;
  for (const { timeNs, samples } of pushed) {
    if (Math.abs(timeNs - end) > 30_000) t.fail(`a hole or overlap at ${timeNs}`);
    end = timeNs + (samples * 1e9) / 48_000;
  }
  t.ok(end > 1.8e9 && end < 2e9, `and it goes on with silence up to ${end / 1e9} s`);
  t.match(Math.max(...pushed.map(({ peak }) => peak)), 5_000);
  t.equal(pushed.at(-1)?.peak, 0);
});

t.test('a microphone that drifts by 500 ppm stays within 40 ms', async (t) => {
  const clock = new DrivenClock();
  let samples = 0;
  const line = new SoundLine({
    clock,
    baseMs: clock.monotonicMs(),
    push: (bytes) => {
      samples += bytes.length / 4;
    },
    onLevel: () => {},
  });
  t.teardown(() => line.close());
  line.start();
  line.take('a');
  const beganMs = clock.monotonicMs();
  const source = new SampleClock(48_000);
  // A chunk is 100 ms of the microphone's own time. Ten times what clocks drift by, for half an hour: 0.9 s without correction.
  const count = 4_800;
  const chunk = Buffer.alloc(count * 4);
  const hours = 0.5;
  for (let at = 0; at < hours * 36_000; at += 1) {
    clock.advance(100 / 1.0005);
    const nowMs = clock.monotonicMs();
    line.arrived('a', chunk, source.firstOf(count, nowMs + (at % 7)));
  }
  const offMs = samples / 48 - (clock.monotonicMs() - beganMs);
  t.ok(Math.abs(offMs) < 40, `${offMs.toFixed(1)} ms off`);
});
