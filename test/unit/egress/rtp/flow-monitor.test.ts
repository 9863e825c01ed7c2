import t from 'tap';
import { KeyFrameLimiter } from '#egress/key-frame-limiter.ts';
import { FlowMonitor } from '#egress/rtp/flow-monitor.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

t.test(
  'key frames: the first request goes at once, those that follow share one at the end of the interval',
  async (t) => {
    const clock = new DrivenClock();
    const sentAtMs: number[] = [];
    const limiter = new KeyFrameLimiter({
      clock,
      intervalMs: 500,
      send: () => sentAtMs.push(clock.monotonicMs()),
    });
    limiter.request();
    t.same(sentAtMs, [0]);
    for (let i = 0; i < 20; i += 1) {
      clock.advance(10);
      limiter.request();
    }
    t.same(sentAtMs, [0]);
    clock.advance(300);
    t.same(sentAtMs, [0, 500], 'none is lost');
    clock.advance(5_000);
    t.same(sentAtMs, [0, 500], 'and none is made up');
    limiter.request();
    t.same(sentAtMs, [0, 500, 5_500]);
  },
);

t.test('key frames: one that comes serves who waited for the end of the interval', async (t) => {
  const clock = new DrivenClock();
  let sent = 0;
  const limiter = new KeyFrameLimiter({ clock, intervalMs: 500, send: () => (sent += 1) });
  limiter.request();
  clock.advance(20);
  limiter.request();
  limiter.served();
  clock.advance(1_000);
  t.equal(sent, 1);
});

t.test('key frames: nothing after close', async (t) => {
  const clock = new DrivenClock();
  let sent = 0;
  const limiter = new KeyFrameLimiter({ clock, intervalMs: 500, send: () => (sent += 1) });
  limiter.request();
  limiter.request();
  limiter.close();
  clock.advance(1_000);
  t.equal(sent, 1);
  t.equal(clock.timers, 0);
});

t.test('flow: said when packets begin, and when none has come for a second', async (t) => {
  const clock = new DrivenClock();
  const said: [number, boolean][] = [];
  const monitor = new FlowMonitor({ clock, changed: (flowing) => said.push([clock.monotonicMs(), flowing]) });
  clock.advance(5_000);
  t.equal(monitor.flowing, false);
  for (let i = 0; i < 100; i += 1) {
    monitor.arrived();
    clock.advance(33);
  }
  t.same(said, [[5_000, true]]);
  clock.advance(967);
  t.same(said.at(-1), [5_000 + 99 * 33 + 1_000, false]);
  t.equal(monitor.flowing, false);
  clock.advance(3_000);
  monitor.arrived();
  t.equal(said.length, 3);
  monitor.close();
  t.equal(clock.timers, 0);
});
