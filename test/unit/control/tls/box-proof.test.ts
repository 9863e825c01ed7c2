import t from 'tap';
import { BoxProof, placesOf } from '#control/tls/box-proof.ts';
import { DrivenClock, startMs } from '#test/support/driven-clock.ts';

const sha256 = [
  '0A:BC:D1:EF',
  '00:00:00:00',
  '00:00:00:09',
  ...Array.from({ length: 5 }, () => '0F:F0:A0:B2'),
].join(':');

t.test('what can be flashed is counted by rows of eight digits', (t) => {
  const [first, second, third] = placesOf(sha256);
  t.same(
    [first, second, third],
    [
      { row: 1, column: 6, digit: 1 },
      { row: 3, column: 8, digit: 9 },
      { row: 4, column: 8, digit: 2 },
    ],
  );
  t.equal(placesOf(sha256).length, 7);
  t.end();
});

t.test('a place is shown for a minute, and the next press shows another', (t) => {
  const clock = new DrivenClock();
  const picks = [1, 0];
  const proof = new BoxProof({ clock, pick: (count) => (picks.shift() ?? 0) % count });
  const told: unknown[] = [];
  proof.events.on('proofChanged', ({ shown }) => told.push(shown?.digit ?? null));
  t.same(proof.show(sha256), {
    ...{ row: 3, column: 8, digit: 9 },
    expiresAt: new Date(startMs + 60_000).toISOString(),
  });
  clock.advance(59_999);
  t.same(proof.shown, { row: 3, column: 8, digit: 9 });
  proof.show(sha256);
  clock.advance(59_999);
  t.same(proof.shown, { row: 1, column: 6, digit: 1 });
  clock.advance(1);
  t.equal(proof.shown, null);
  t.same(told, [9, 1, null]);
  t.equal(clock.timers, 0);
  t.end();
});
