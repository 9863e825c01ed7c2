import t from 'tap';
import { SharedPace } from '../../../../web-ui/server/shared-pace.ts';

t.test('all who try at one moment wait as one: the printed delay, and up to half of it', async (t) => {
  for (const [random, factor] of [
    [0, 1],
    [0.5, 1.25],
    [0.999, 1.4995],
  ] as const) {
    let nowMs = 5_000;
    const pace = new SharedPace({ nowMs: () => nowMs, random: () => random });
    t.equal(pace.waitMs, 0);
    for (const printedMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      for (const _ of ['socket', 'poll', 'room']) pace.missed();
      t.equal(Math.round(pace.waitMs), Math.round(printedMs * factor));
      nowMs += pace.waitMs;
      t.equal(pace.waitMs, 0);
    }
    pace.missed();
    pace.reached();
    t.equal(pace.waitMs, 0, 'an answer ends the wait');
    pace.missed();
    t.ok(pace.waitMs < 1_500, 'and begins the row again');
  }
});
