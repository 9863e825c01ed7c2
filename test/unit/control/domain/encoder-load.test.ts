import t from 'tap';
import { EncoderLoad } from '#control/domain/encoder-load.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

function watch() {
  const clock = new DrivenClock();
  const load = new EncoderLoad({ clock });
  const overruns: number[] = [];
  load.events.on('encoderOverrun', ({ framesPerSecond }) => overruns.push(framesPerSecond));
  /** Media measures twice a second. */
  const see = (measured: number | null, forMs: number): void => {
    for (let passed = 0; passed < forMs; passed += 500) {
      load.observe({ measured, wanted: 30 });
      clock.advance(500);
    }
  };
  return { load, overruns, see };
}

t.test('below 80 % for 3 s is told once', async (t) => {
  const { overruns, see } = watch();
  see(23.9, 3_000);
  t.same(overruns, []);
  see(23.9, 60_000);
  t.same(overruns, [23.9]);
});

t.test('80 % is enough, and one slow moment is nothing', async (t) => {
  const { overruns, see } = watch();
  see(24, 60_000);
  for (let each = 0; each < 10; each += 1) {
    see(10, 2_500);
    see(24, 500);
  }
  t.same(overruns, []);
});

t.test('after it has kept up again, the next time is told too', async (t) => {
  const { overruns, see } = watch();
  see(15, 4_000);
  see(26, 10_000);
  see(16, 4_000);
  t.same(overruns, [15], 'hardly better is the same trouble');
  see(28.5, 500);
  see(17, 4_000);
  t.same(overruns, [15, 17]);
});

t.test('what is not measured, or starts anew, is not slow', async (t) => {
  const { load, overruns, see } = watch();
  see(10, 2_500);
  see(null, 500);
  see(10, 2_500);
  load.reset();
  see(10, 2_500);
  t.same(overruns, []);
});
