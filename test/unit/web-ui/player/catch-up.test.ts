import t from 'tap';
import { catchUp } from '#web-ui/player/catch-up.ts';
import { needsNudge } from '#web-ui/player/nudge.ts';

t.test('LL-HLS hurries where it is behind and has something to hurry through', async (t) => {
  const rate = (behindSeconds: number, bufferedSeconds: number, now = 1) =>
    catchUp({ behindSeconds, bufferedSeconds, rate: now });
  t.equal(rate(0.1, 1), 1);
  t.equal(rate(0.3, 0.7), 1.08);
  t.equal(rate(0.3, 0.3, 1.08), 1, 'not into an empty buffer');
  t.equal(rate(0.1, 0.6, 1.08), 1.08, 'once begun, all the way');
  t.equal(rate(0.05, 0.6, 1.08), 1);
  t.equal(rate(-0.2, 0.6), 1, 'ahead of its place');
  t.equal(rate(1.5, 2), 1.25);
  t.equal(rate(6, 0), 'jump');
});

t.test('from 1.2 s behind it is at its place within 15 s, and stays there', async (t) => {
  let behindSeconds = 1.2;
  let rate = 1;
  for (let quarters = 0; quarters < 60; quarters += 1) {
    const next = catchUp({ behindSeconds, bufferedSeconds: 0.5 + behindSeconds, rate });
    rate = next === 'jump' ? 1 : next;
    behindSeconds -= (rate - 1) * 0.25;
  }
  t.ok(behindSeconds < 0.2 && behindSeconds > 0, `${behindSeconds}`);
  t.equal(rate, 1);
});

t.test('a picture that stands still with something to show is nudged, now and then', async (t) => {
  const stuck = {
    stillMs: 400,
    waiting: false,
    bufferedSeconds: 0.4,
    sinceNudgeMs: Number.POSITIVE_INFINITY,
  };
  t.ok(needsNudge(stuck));
  t.notOk(needsNudge({ ...stuck, stillMs: 300 }), 'it may be a slow camera');
  t.ok(needsNudge({ ...stuck, stillMs: 100, waiting: true }), 'it waits for what it has');
  t.notOk(needsNudge({ ...stuck, bufferedSeconds: 0.1 }), 'there is nothing to show');
  t.notOk(needsNudge({ ...stuck, sinceNudgeMs: 500 }), 'the last one may still work');
});
