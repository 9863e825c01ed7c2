import t from 'tap';
import { SlowLine } from '#control/broadcast/slow-line.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

const ceilingKbps = 3_000;

function open() {
  const clock = new DrivenClock();
  const line = new SlowLine({ clock });
  let dropped = 0;
  /** A second of sending: so much went out, so many pictures did not. */
  const second = (bitrateKbps: number, lost = 0, othersWatch = false): number | null => {
    clock.advance(1_000);
    dropped += lost;
    const figures = { reason: null, bitrateKbps, bytesSent: 0, reconnects: 0, droppedFrames: dropped };
    line.observe([{ id: 'one', state: 'live', ...figures }], { othersWatch, ceilingKbps });
    return line.limitKbps;
  };
  return { clock, line, second };
}

t.test('a line that takes everything is no limit', async (t) => {
  const { second } = open();
  for (let at = 0; at < 60; at += 1) t.equal(second(2_900), null);
});

t.test(
  'one that is too slow gets what it takes, at least a third, and more again once it does',
  async (t) => {
    const { second } = open();
    const first = second(1_500, 10) ?? 0;
    t.ok(first > 1_000 && first < 1_500, `below what went out: ${first}`);
    t.equal(second(1_500, 10), first, 'what waits has to go out before it is judged again');
    let lowest = first;
    for (let at = 0; at < 60; at += 1) lowest = Math.min(lowest, second(300, 5) ?? 0);
    t.equal(lowest, 1_000, 'a third');
    let limit: number | null = lowest;
    let steps = 0;
    for (; limit !== null && steps < 600; steps += 1) {
      const next = second(limit);
      t.ok(next === null || next >= limit, 'only up');
      limit = next;
    }
    t.equal(limit, null, 'all that is set');
    t.ok(steps > 60, 'in small steps, so that a line that is still narrow is not flooded again');
  },
);

t.test('nobody else sees worse pictures for it', async (t) => {
  const { line, second } = open();
  t.equal(second(1_500, 10, true), null, 'somebody watches');
  for (let at = 0; at < 10; at += 1) second(1_500);
  t.not(second(1_500, 10), null);
  t.equal(second(1_500, 10, true), null, 'somebody has come');
  const other = { reason: null, bitrateKbps: 3_000, bytesSent: 0, reconnects: 0, droppedFrames: 0 };
  line.observe(
    [
      { id: 'one', state: 'live', ...other, droppedFrames: 999 },
      { id: 'two', state: 'live', ...other },
    ],
    { othersWatch: false, ceilingKbps },
  );
  t.equal(line.limitKbps, null, 'another destination takes all of it');
  second(1_500, 10);
  line.reset();
  t.equal(line.limitKbps, null, 'the next broadcast begins with all that is set');
});
