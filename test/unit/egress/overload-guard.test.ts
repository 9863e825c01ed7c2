import t from 'tap';
import { OverloadGuard } from '#egress/overload-guard.ts';

const calm = { loopDelayMs: 2, engine: { busyRatio: 0.2, lateMs: 3, skippedFrames: 0 }, viewers: 40 };
const busy = { ...calm, engine: { ...calm.engine, lateMs: 60 } };
const drowning = { ...calm, loopDelayMs: 200 };

t.test('one bad second is none; two refuse newcomers; calm lets them in again', async (t) => {
  const guard = new OverloadGuard();
  t.equal(guard.evaluate(calm), 'none');
  t.equal(guard.evaluate(busy), 'none');
  t.equal(guard.evaluate(calm), 'none');
  t.equal(guard.evaluate(busy), 'none');
  t.equal(guard.evaluate(busy), 'refuse');
  t.equal(guard.refusing, true);
  for (let second = 0; second < 4; second += 1) t.equal(guard.evaluate(calm), 'refuse');
  t.equal(guard.evaluate(calm), 'none');
  t.equal(guard.refusing, false);
});

t.test('where it is worse somebody has to go, one a second', async (t) => {
  const guard = new OverloadGuard();
  t.equal(guard.evaluate(drowning), 'none');
  t.equal(guard.evaluate(drowning), 'shed');
  t.equal(guard.evaluate({ ...calm, engine: { ...calm.engine, busyRatio: 0.97 } }), 'shed');
  t.equal(guard.evaluate(busy), 'refuse');
});

t.test('few viewers are not what makes a machine slow', async (t) => {
  const guard = new OverloadGuard();
  for (let second = 0; second < 10; second += 1) t.equal(guard.evaluate({ ...drowning, viewers: 9 }), 'none');
});

t.test('an engine without a thread of its own is judged by the timers', async (t) => {
  const guard = new OverloadGuard();
  guard.evaluate({ ...drowning, engine: null });
  t.equal(guard.evaluate({ ...drowning, engine: null }), 'shed');
});
