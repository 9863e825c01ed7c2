import t from 'tap';
import { ArrivalClock } from '#media/sources/pulled-frames.ts';

t.test('the frame that came fastest says when the others were taken', async (t) => {
  const clock = new ArrivalClock();
  t.equal(clock.at(0, 1_050), 1_050);
  t.equal(clock.at(40, 1_060), 1_060, 'faster than the one before');
  t.ok(Math.abs(clock.at(80, 1_180) - 1_100) < 1, 'this one was late');
});

t.test('a sender that paused, or counts from another place, is followed', async (t) => {
  const clock = new ArrivalClock();
  clock.at(0, 1_000);
  t.equal(clock.at(40, 6_000), 6_000, 'its time stood still');
  t.equal(clock.at(60, 6_030), 6_020 + 0.015);
  t.equal(clock.at(9_000, 6_060), 6_060, 'and jumped');
  // A connection that stood still: what comes at once afterwards is in time again.
  t.equal(clock.at(9_040, 8_500), 8_500);
  t.equal(clock.at(11_400, 8_501), 8_501);
  t.ok(Math.abs(clock.at(11_440, 8_545) - 8_541) < 1);
});
