import t from 'tap';
import { StallWatch } from '#web-ui/player/stall-watch.ts';

t.test('pictures that stand still are counted, where they should have moved', async (t) => {
  const watch = new StallWatch();
  let frames = 0;
  let nowMs = 0;
  const move = (forMs: number): void => {
    for (const endMs = nowMs + forMs; nowMs < endMs; nowMs += 100) {
      frames += 3;
      watch.note(frames, true, nowMs);
    }
  };
  const stand = (forMs: number, expected = true): void => {
    for (const endMs = nowMs + forMs; nowMs < endMs; nowMs += 100) watch.note(frames, expected, nowMs);
  };
  move(2_000);
  stand(200);
  move(1_000);
  t.same(watch.lastMinute(nowMs), { count: 0, stillMs: 0 }, 'a short one is nothing');
  stand(1_000);
  move(500);
  t.match(watch.lastMinute(nowMs), { count: 1, stillMs: 1_100 });
  stand(10_000, false);
  move(500);
  t.equal(watch.lastMinute(nowMs).count, 1, 'a pause is none');
  t.notOk(watch.shouldAsk(nowMs));
  for (let count = 0; count < 3; count += 1) {
    stand(600);
    move(1_000);
  }
  t.ok(watch.shouldAsk(nowMs), 'four in a minute are many');
  t.notOk(watch.shouldAsk(nowMs), 'nobody is asked twice');
  move(61_000);
  t.same(watch.lastMinute(nowMs), { count: 0, stillMs: 0 }, 'forgiven');
});
