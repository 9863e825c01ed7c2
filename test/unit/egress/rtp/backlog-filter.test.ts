import t from 'tap';
import { BacklogFilter } from '#egress/rtp/backlog-filter.ts';

/** 25 pictures a second; every fiftieth is a key frame unless said otherwise. */
function stream() {
  let asked = 0;
  const filter = new BacklogFilter(() => {
    asked += 1;
  });
  let picture = 0;
  let nowMs = 1_000;
  /** @param everyMs between two that come. @returns which were sent */
  const come = (count: number, everyMs: number, isKey = false): boolean[] =>
    Array.from({ length: count }, () => {
      const sent = filter.accept(picture * 40, nowMs, isKey);
      picture += 1;
      nowMs += everyMs;
      return sent;
    });
  const stall = (ms: number): void => {
    nowMs += ms;
  };
  return { filter, come, stall, asked: () => asked };
}

t.test('pictures at their pace are sent, early ones and late ones', async (t) => {
  const { come, stall, asked } = stream();
  t.ok(come(100, 40).every(Boolean));
  for (const everyMs of [10, 70, 20, 60, 0, 80]) t.ok(come(1, everyMs).every(Boolean));
  stall(400);
  t.ok(come(20, 40).every(Boolean), 'an encoder that has become slower stays so');
  t.equal(asked(), 0);
});

t.test('what waited for more than 200 ms is left out, up to the next key frame', async (t) => {
  const { come, stall, asked, filter } = stream();
  come(10, 40);
  stall(2_000);
  const burst = come(50, 0);
  t.ok(burst.filter(Boolean).length <= 8, 'no more than 200 ms of it');
  t.equal(asked(), 0, 'a key frame now would wait as well');
  stall(40);
  t.same(come(3, 40), [false, false, false]);
  t.equal(asked(), 1);
  t.same(come(1, 40, true), [true]);
  t.ok(come(20, 40).every(Boolean));
  t.ok(filter.dropped >= 44);
});

t.test('a key frame among those that waited is old too', async (t) => {
  const { come, stall } = stream();
  come(10, 40);
  stall(2_000);
  come(20, 0);
  t.same(come(1, 0, true), [false]);
});

t.test('another pipeline begins at another time', async (t) => {
  const filter = new BacklogFilter(() => t.fail('nothing is missing'));
  t.ok(filter.accept(10_000, 0, true));
  t.ok(filter.accept(90_000, 40, true));
  t.ok(filter.accept(40, 80, true));
});
