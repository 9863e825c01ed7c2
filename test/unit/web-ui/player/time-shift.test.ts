import t from 'tap';
import { TimeShift } from '#web-ui/player/time-shift.ts';

class Watched {
  nowMs = 1_000_000;
  changes = 0;
  readonly shift = new TimeShift({
    nowMs: () => this.nowMs,
    changed: () => {
      this.changes += 1;
    },
  });
}

t.test('live until somebody goes back', async (t) => {
  const { shift } = new Watched();
  t.equal(shift.aim, null);
  t.equal(shift.behindSec, null);
  shift.follow(shift.live());
  t.equal(shift.aim, null, 'to be at live is no aim: everybody is there by their own way');
});

t.test('ten seconds back stay ten seconds back', async (t) => {
  const watched = new Watched();
  const { shift } = watched;
  const said = shift.moved(10, 20);
  t.same(said, { playing: true, positionSec: 990, hostTsMs: 1_000_000 }, 'when it was captured');
  shift.follow(said);
  t.equal(watched.changes, 1);
  t.equal(shift.behindSec, 10);
  watched.nowMs += 5_000;
  t.equal(shift.behindSec, 10, 'while it plays');
  shift.follow(shift.moved(10, 20));
  t.equal(shift.behindSec, 16, 'no further back than the box still has, and a little less');
  t.notOk(shift.mayGoBack(20));
  t.ok(shift.mayGoBack(40));
  shift.follow(shift.moved(-30, 20));
  t.equal(shift.aim, null, 'forward past the end is live');
});

t.test('a pause holds the moment, and falls behind', async (t) => {
  const watched = new Watched();
  const { shift } = watched;
  shift.follow(shift.paused(true));
  t.same(shift.aim, { playing: false, positionSec: 1_000, hostTsMs: 1_000_000 }, 'also at live');
  watched.nowMs += 8_000;
  t.equal(shift.behindSec, 8);
  shift.follow(shift.paused(false));
  t.same(shift.aim, { playing: true, positionSec: 1_000, hostTsMs: 1_008_000 }, 'and goes on from there');
  shift.follow(null);
  t.equal(shift.aim, null);
});
