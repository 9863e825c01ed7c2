import fc from 'fast-check';
import t from 'tap';
import { Button } from '#panel/button.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

/** A button on driven time, released at the start unless told otherwise. */
function newButton({ downAtStart = false } = {}) {
  const clock = new DrivenClock();
  const presses: string[] = [];
  const phases: string[] = [];
  const times: number[] = [];
  const button = new Button({
    clock,
    onPress: (press, atMs) => {
      presses.push(press);
      times.push(atMs);
    },
    onPhase: (phase) => void phases.push(phase),
  });
  button.level(downAtStart);
  /** Goes to a level and stays there so long. */
  const hold = (pressed: boolean, forMs: number): void => {
    button.level(pressed);
    clock.advance(forMs);
  };
  /** As contacts do: several edges within a few milliseconds, the last one to `pressed`. */
  const bounce = (pressed: boolean, edgesMs: number[] = [1, 2, 1, 3]): void => {
    for (const forMs of edgesMs) {
      hold(pressed, forMs);
      hold(!pressed, forMs);
    }
    button.level(pressed);
  };
  return { button, clock, presses, phases, times, hold, bounce };
}

const presses: { heldMs: number; press: string[] }[] = [
  { heldMs: 5, press: [] }, // a glitch that a long wire picks up
  { heldMs: 39, press: [] },
  { heldMs: 41, press: ['short'] },
  { heldMs: 200, press: ['short'] },
  { heldMs: 2_999, press: ['short'] },
  { heldMs: 3_000, press: ['long'] },
  { heldMs: 6_999, press: ['long'] },
  { heldMs: 7_000, press: [] }, // the reset has announced itself, and is cancelled
  { heldMs: 9_950, press: [] },
  { heldMs: 9_999, press: [] },
  { heldMs: 10_001, press: ['very-long'] },
  { heldMs: 60_000, press: ['very-long'] },
];
for (const { heldMs, press } of presses) {
  t.test(`held for ${heldMs} ms, with bouncing contacts and without: ${press[0] ?? 'nothing'}`, (t) => {
    for (const bouncing of [false, true]) {
      const made = newButton();
      const bounces = bouncing && heldMs > 100; // 14 ms of it, within the time held
      if (bounces) made.bounce(true);
      made.hold(true, bounces ? heldMs - 14 : heldMs);
      if (bounces) made.bounce(false);
      made.hold(false, 1_000);
      t.same(made.presses, press, bouncing ? 'bouncing' : 'clean');
      t.equal(made.clock.timers, 0);
      made.hold(true, 100);
      made.hold(false, 100);
      t.same(made.presses, [...press, 'short'], 'and the next press counts');
    }
    t.end();
  });
}

t.test('the time of a press is that of its edge, not of its debounce', (t) => {
  const { hold, times } = newButton();
  hold(true, 200);
  hold(false, 100);
  t.same(times, [200]);
  t.end();
});

t.test('the lights are told: held, the warning from 7 s on, released', (t) => {
  const { hold, phases, clock, presses: made } = newButton();
  hold(true, 100);
  t.same(phases, ['held']);
  clock.advance(6_899);
  t.same(phases, ['held']);
  clock.advance(1);
  t.same(phases, ['held', 'warning'], 'three seconds to let go in');
  clock.advance(2_999);
  t.same(made, []);
  clock.advance(1);
  t.same(made, ['very-long'], 'while it is still held');
  hold(false, 100);
  t.same(phases, ['held', 'warning', 'released']);
  t.end();
});

t.test('who lets go just before 10 s has cancelled, though the debounce ends after it', (t) => {
  for (const heldMs of [9_961, 9_980, 9_999]) {
    const { hold, presses: made } = newButton();
    hold(true, heldMs);
    hold(false, 1_000);
    t.same(made, [], `${heldMs} ms`);
  }
  t.end();
});

t.test('a glitch at 10 s does not cancel for who holds on', (t) => {
  const { hold, presses: made } = newButton();
  hold(true, 9_998);
  hold(false, 5);
  hold(true, 100);
  t.same(made, ['very-long']);
  t.end();
});

t.test('glitches of 5 ms neither press nor let go', (t) => {
  const { hold, presses: made, phases } = newButton();
  for (let glitch = 0; glitch < 20; glitch += 1) {
    hold(true, 5);
    hold(false, 100);
  }
  t.same([made, phases], [[], []]);
  hold(true, 1_000);
  for (let glitch = 0; glitch < 20; glitch += 1) {
    hold(false, 5);
    hold(true, 100);
  }
  t.same(phases, ['held']);
  hold(false, 100);
  t.same(made, ['long'], 'the 3.1 s from press to release');
  t.end();
});

t.test('a press that a busy machine hears of late, and whole, counts by its own times', (t) => {
  const late = [
    { heldMs: 80, press: ['short'] },
    { heldMs: 3_200, press: ['long'] },
    { heldMs: 8_000, press: [] },
    { heldMs: 5, press: [] },
  ];
  for (const { heldMs, press } of late) {
    const { button, clock, presses: made, times } = newButton();
    clock.advance(10_000);
    button.level(true, heldMs + 60);
    button.level(false, 60);
    clock.advance(100);
    t.same(made, press, `${heldMs} ms`);
    t.same(times, press.length > 0 ? [10_000 - 60] : []);
    t.equal(clock.timers, 0);
  }
  const { button, clock, presses: made } = newButton();
  clock.advance(1_000);
  for (const ageMs of [900, 500]) {
    button.level(true, ageMs);
    button.level(false, ageMs - 100);
  }
  clock.advance(40);
  t.same(made, ['short', 'short'], 'two of them stay two');
  t.end();
});

t.test('a button that is down at the start is stuck, or held through a restart: it does nothing', (t) => {
  for (const heldMs of [100, 4_000, 30_000]) {
    const { hold, presses: made, phases, clock } = newButton({ downAtStart: true });
    clock.advance(heldMs);
    hold(false, 100);
    t.same(made, [], `held on for ${heldMs} ms`);
    t.same(phases, ['released']);
    hold(true, 100);
    hold(false, 100);
    t.same(made, ['short'], 'from then on it works');
  }
  t.end();
});

t.test('a stuck button that chatters does nothing either', (t) => {
  const { hold, presses: made, clock } = newButton({ downAtStart: true });
  for (let glitch = 0; glitch < 100; glitch += 1) {
    hold(false, 5);
    hold(true, 100);
  }
  clock.advance(20_000);
  t.same(made, []);
  t.end();
});

t.test('the same level again is no edge', (t) => {
  const { button, clock, presses: made } = newButton();
  button.level(false);
  button.level(true);
  clock.advance(30);
  button.level(true);
  clock.advance(30);
  button.level(false);
  button.level(false);
  clock.advance(100);
  t.same(made, ['short']);
  t.end();
});

t.test('network time that sets the clock in mid-press makes no other press of it', (t) => {
  const { hold, clock, presses: made } = newButton();
  hold(true, 100);
  clock.setWall(clock.nowMs() + 3_600_000);
  hold(false, 100);
  t.same(made, ['short']);
  t.end();
});

t.test('closed while held, nothing follows', (t) => {
  const { button, hold, clock, presses: made } = newButton();
  hold(true, 100);
  button.level(false);
  button.close();
  button.close();
  t.equal(clock.timers, 0);
  clock.advance(20_000);
  t.same(made, []);
  t.end();
});

t.test(
  'whatever noise: a press for each time it was really held, none for what was shorter than 40 ms',
  (t) => {
    const bounces = fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 6 });
    const act = fc.oneof(
      fc.record({
        kind: fc.constant('press' as const),
        heldMs: fc.integer({ min: 60, max: 2_900 }),
        bounces,
      }),
      fc.record({ kind: fc.constant('glitch' as const), heldMs: fc.integer({ min: 1, max: 30 }), bounces }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 12 }), (acts) => {
        const { hold, bounce, presses: made, phases, clock } = newButton();
        for (const { kind, heldMs, bounces: edgesMs } of acts) {
          if (kind === 'press') bounce(true, edgesMs);
          hold(true, heldMs);
          if (kind === 'press') bounce(false, edgesMs);
          hold(false, 200);
        }
        const wanted = acts.filter(({ kind }) => kind === 'press').length;
        return (
          made.length === wanted &&
          made.every((press) => press === 'short') &&
          phases.length === wanted * 2 &&
          clock.timers === 0
        );
      }),
    );
    t.end();
  },
);
