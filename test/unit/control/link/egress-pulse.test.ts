import t from 'tap';
import { EgressPulse } from '#control/link/egress-pulse.ts';
import { hubOfFakes } from '#test/support/hub-of-fakes.ts';
import { keepingLogger } from '#test/support/link-pair.ts';

function setUp() {
  const { clock, link, egress, flow } = hubOfFakes();
  const pulse = new EgressPulse({ link, clock, logger: keepingLogger().logger });
  const changes: boolean[] = [];
  pulse.events.on('pulseChanged', ({ silent }) => changes.push(silent));
  pulse.start();
  /** Time passes in which egress says nothing. */
  const wait = (ms: number): void => {
    for (let waitedMs = 0; waitedMs < ms; waitedMs += 250) clock.advance(250);
  };
  return { clock, pulse, egress, flow, changes, wait };
}

t.test('an egress that says nothing for more than 1.25 s stands still, until it speaks or goes', (t) => {
  const { pulse, egress, flow, changes, wait } = setUp();
  wait(5_000);
  t.equal(pulse.silent, false, 'one that is away is missed in other ways');
  egress.join();
  wait(1_250);
  t.equal(pulse.silent, false);
  wait(250);
  t.match(pulse.problems, [{ code: 'webrtc-stalled' }]);
  flow(true);
  t.same([pulse.silent, pulse.problems], [false, []]);
  wait(2_000);
  egress.leave();
  t.same(changes, [true, false, true, false]);
  pulse.close();
  t.end();
});

t.test('a control that was held up itself hears first what was said meanwhile', (t) => {
  const { clock, pulse, egress, flow, changes, wait } = setUp();
  egress.join();
  wait(1_000);
  clock.advance(0);
  const { monotonicMs } = clock;
  clock.monotonicMs = () => monotonicMs.call(clock) + 10_000;
  clock.advance(250);
  t.equal(pulse.silent, false);
  flow(true);
  wait(1_000);
  t.same(changes, []);
  pulse.close();
  t.end();
});
