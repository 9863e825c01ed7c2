import fc from 'fast-check';
import t from 'tap';
import { Audience, type Seat, type WayIn } from '#control/domain/audience.ts';
import { OnairError } from '#core/domain/errors.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

function newAudience(max = 10) {
  const clock = new DrivenClock();
  const audience = new Audience({ clock, max });
  const said: { viewers: number; peak: number; max: number }[] = [];
  audience.events.on('audienceChanged', (event) => said.push(event));
  return { audience, clock, said };
}

const full = { name: 'OnairError', code: 'full', retryAfterSeconds: 10 };

t.test('an id counts as its largest number of connections in one way', (t) => {
  const cases: { what: string; connections: [string, WayIn][]; viewers: number }[] = [
    { what: 'nobody', connections: [], viewers: 0 },
    {
      what: 'one page that uses three ways is one',
      connections: [
        ['anna', 'lancast'],
        ['anna', 'whep'],
        ['anna', 'hls'],
      ],
      viewers: 1,
    },
    {
      what: 'two tabs are two',
      connections: [
        ['anna', 'lancast'],
        ['anna', 'lancast'],
      ],
      viewers: 2,
    },
    {
      what: 'two tabs, of which one plays, are two',
      connections: [
        ['anna', 'lancast'],
        ['anna', 'whep'],
        ['anna', 'lancast'],
      ],
      viewers: 2,
    },
    {
      what: 'two people are two',
      connections: [
        ['anna', 'lancast'],
        ['ben', 'watch'],
      ],
      viewers: 2,
    },
    {
      what: 'the larger way of each',
      connections: [
        ['anna', 'nova'],
        ['anna', 'nova'],
        ['anna', 'nova'],
        ['anna', 'whep'],
        ['anna', 'whep'],
        ['ben', 'whep'],
      ],
      viewers: 4,
    },
  ];
  for (const { what, connections, viewers } of cases) {
    const { audience } = newAudience();
    const seats = connections.map(([id, way]) => audience.enter(id, way));
    t.equal(audience.viewers, viewers, what);
    for (const seat of seats) seat.leave();
    t.equal(audience.viewers, 0, `${what}, and gone again`);
    t.equal(audience.peak, viewers);
  }
  t.end();
});

t.test('changes are told when the number changes, and only then', (t) => {
  const { audience, said } = newAudience();
  const first = audience.enter('anna', 'lancast');
  const second = audience.enter('anna', 'whep');
  t.same(said.splice(0), [{ viewers: 1, peak: 1, max: 10 }]);
  first.leave();
  t.same(said, [], 'still here by the other way');
  second.leave();
  second.leave();
  first.leave();
  t.same(said, [{ viewers: 0, peak: 1, max: 10 }], 'leaving twice counts once');
  t.end();
});

t.test('a full house refuses who is new, and nobody who is in already', (t) => {
  const { audience } = newAudience(2);
  audience.enter('anna', 'lancast');
  const ben = audience.enter('ben', 'lancast');
  t.equal(audience.hasRoom('cleo', 'lancast'), false);
  t.throws(() => audience.enter('cleo', 'lancast'), full);
  t.throws(() => audience.enter('anna', 'lancast'), full, 'a second tab is one more');
  t.equal(audience.hasRoom('anna', 'whep'), true);
  audience.enter('anna', 'whep');
  t.throws(() => audience.touchHls('cleo'), full);
  audience.touchHls('anna');
  t.equal(audience.viewers, 2);
  ben.leave();
  t.equal(audience.hasRoom('cleo', 'hls'), true);
  audience.touchHls('cleo');
  t.equal(audience.viewers, 2);
  t.end();
});

t.test('a refused entrance leaves nothing behind', (t) => {
  const { audience, clock, said } = newAudience(1);
  const anna = audience.enter('anna', 'whep');
  t.throws(() => audience.touchHls('ben'), OnairError);
  t.throws(() => audience.enter('ben', 'whep'), OnairError);
  anna.leave();
  t.equal(audience.viewers, 0);
  t.equal(clock.timers, 0);
  t.equal(said.length, 2);
  t.end();
});

t.test('over HLS a viewer is there for 15 s after each fetch', (t) => {
  const { audience, clock } = newAudience();
  audience.touchHls('anna');
  clock.advance(14_999);
  audience.touchHls('anna');
  t.equal(audience.viewers, 1, 'fetching often is no second viewer');
  clock.advance(14_999);
  t.equal(audience.viewers, 1);
  clock.advance(1);
  t.equal(audience.viewers, 0);
  audience.touchHls('anna');
  t.equal(audience.viewers, 1, 'who comes back is there again');
  audience.close();
  t.equal(clock.timers, 0);
  t.end();
});

t.test('HLS that ends does not take away the place that a page holds otherwise', (t) => {
  const { audience, clock } = newAudience();
  const page = audience.enter('anna', 'lancast');
  audience.touchHls('anna');
  clock.advance(15_000);
  t.equal(audience.viewers, 1);
  page.leave();
  t.equal(audience.viewers, 0);
  t.end();
});

t.test('a lower limit turns nobody out', (t) => {
  const { audience, said } = newAudience(3);
  const seats = ['anna', 'ben', 'cleo'].map((id) => audience.enter(id, 'lancast'));
  said.splice(0);
  audience.setMax(1);
  t.same(said, [{ viewers: 3, peak: 3, max: 1 }]);
  audience.setMax(1);
  t.equal(said.length, 1, 'the same limit is no change');
  t.throws(() => audience.enter('dora', 'lancast'), full);
  seats[0]?.leave();
  seats[1]?.leave();
  t.throws(() => audience.enter('dora', 'lancast'), full, 'one is in, one place there is');
  seats[2]?.leave();
  audience.enter('dora', 'lancast');
  audience.setMax(2);
  audience.enter('ben', 'lancast');
  t.equal(audience.viewers, 2);
  t.end();
});

t.test('the peak is kept while viewers go, and begins anew with who is here', (t) => {
  const { audience } = newAudience();
  const seats = ['anna', 'ben', 'cleo'].map((id) => audience.enter(id, 'lancast'));
  seats[0]?.leave();
  seats[1]?.leave();
  t.equal(audience.peak, 3);
  audience.resetPeak();
  t.equal(audience.peak, 1);
  audience.enter('dora', 'lancast');
  t.equal(audience.peak, 2);
  t.end();
});

t.test('however they come and go, the number is the sum over ids of their largest way', (t) => {
  const ways: WayIn[] = ['lancast', 'nova', 'watch', 'whep'];
  const step = fc.record({
    id: fc.constantFrom('a', 'b', 'c'),
    way: fc.constantFrom(...ways),
    leave: fc.nat(4),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { audience } = newAudience(5);
      const inside: { id: string; way: WayIn; seat: Seat }[] = [];
      for (const { id, way, leave } of steps) {
        if (leave < 2 && inside.length > 0) inside.splice(leave % inside.length, 1)[0]?.seat.leave();
        else if (audience.hasRoom(id, way)) inside.push({ id, way, seat: audience.enter(id, way) });
        const sum = ['a', 'b', 'c'].reduce((total, one) => {
          const perWay = ways.map((w) => inside.filter((s) => s.id === one && s.way === w).length);
          return total + Math.max(...perWay);
        }, 0);
        if (audience.viewers !== sum || sum > 5) return false;
      }
      return true;
    }),
  );
  t.end();
});

t.test('in a full house places without pictures go from an address with many to another', (t) => {
  const clock = new DrivenClock();
  const audience = new Audience({ clock, max: 4 });
  const gone: string[] = [];
  const enter = (id: string, way: WayIn, address: string) =>
    audience.enter(id, way, { address, displaced: () => gone.push(`${id} ${way}`) });
  const watching = enter('a1', 'whep', 'eve');
  enter('a1', 'lancast', 'eve');
  watching.setPictures(true);
  enter('a2', 'lancast', 'eve');
  enter('a3', 'nova', 'eve');
  enter('a3', 'lancast', 'eve');
  enter('a4', 'hls', 'eve');
  t.equal(audience.viewers, 4);
  t.throws(() => enter('a5', 'lancast', 'eve'), { code: 'full' }, 'the same address gets no more');
  t.equal(audience.hasRoom('k', 'nova', 'kim'), true);
  enter('k', 'whep', 'kim');
  t.same(gone, ['a4 hls'], 'the newest');
  enter('l', 'whep', 'lee');
  t.same(gone.slice(1).sort(), ['a3 lancast', 'a3 nova'], 'one place, by both its ways');
  t.equal(audience.viewers, 4);
  t.throws(() => enter('m', 'whep', 'max'), { code: 'full' }, 'half of the places are nobody else’s');
  audience.setMaxPerAddress(1);
  enter('m', 'whep', 'max');
  t.same(gone.slice(3), ['a2 lancast']);
  t.throws(() => enter('n', 'whep', 'nina'), { code: 'full' }, 'who has pictures keeps them');
  t.end();
});

t.test('0 lets nobody take a place; nor do the box itself and hubs take one', (t) => {
  const audience = new Audience({ clock: new DrivenClock(), max: 2 });
  audience.enter('a1', 'lancast', { address: 'eve' });
  audience.enter('a2', 'lancast', { address: 'eve' });
  audience.setMaxPerAddress(0);
  t.throws(() => audience.enter('k', 'lancast', { address: 'kim' }), { code: 'full' });
  audience.setMaxPerAddress(null);
  t.throws(() => audience.enter('k', 'lancast'), { code: 'full' });
  audience.enter('k', 'lancast', { address: 'kim' });
  t.equal(audience.viewers, 2);
  t.end();
});
