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

t.test('a viewer who offers again before the first offer has led to a connection is one', (t) => {
  const { audience, said } = newAudience();
  audience.enter('anna', 'lancast');
  const first = audience.enter('anna', 'whep', { offer: true });
  const second = audience.enter('anna', 'whep', { offer: true });
  second.setPictures(true);
  first.leave();
  const third = audience.enter('anna', 'whep', { offer: true });
  t.equal(audience.viewers, 1, 'nor beside the connection that it is to replace');
  second.leave();
  third.setPictures(true);
  t.same(said, [{ viewers: 1, peak: 1, max: 10 }], 'nobody ever heard of two');
  const tab = audience.enter('anna', 'whep', { offer: true });
  tab.setPictures(true);
  t.equal(audience.viewers, 2, 'two that play are two');
  third.leave();
  tab.leave();
  t.equal(audience.viewers, 1);
  t.end();
});

t.test('offers of one viewer are no way around the limit', (t) => {
  const { audience } = newAudience(2);
  const offers = Array.from({ length: 5 }, () => audience.enter('anna', 'whep', { offer: true }));
  t.equal(audience.viewers, 2, 'past a few each counts');
  t.throws(() => audience.enter('anna', 'whep', { offer: true }), full);
  t.throws(() => audience.enter('ben', 'whep', { offer: true }), full);
  for (const offer of offers) offer.leave();
  t.equal(audience.viewers, 0);

  const anna = audience.enter('anna', 'whep', { offer: true });
  const other = audience.enter('anna', 'whep', { offer: true });
  anna.setPictures(true);
  audience.enter('ben', 'whep', { offer: true }).setPictures(true);
  t.throws(() => other.setPictures(true), full, 'there was no place left when it connected');
  t.throws(
    () => audience.enter('anna', 'whep', { offer: true }),
    full,
    'which is known before the offer, too',
  );
  other.leave();
  t.equal(audience.viewers, 2);
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
    offer: fc.boolean(),
    act: fc.constantFrom('enter', 'enter', 'leave', 'connect'),
    which: fc.nat(20),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { audience } = newAudience(5);
      const inside: { id: string; way: WayIn; offer: boolean; seat: Seat }[] = [];
      const placesOf = (id: string, way: WayIn): number => {
        const own = inside.filter((one) => one.id === id && one.way === way);
        const offers = own.filter(({ offer }) => offer).length;
        const connections = own.length - offers;
        return Math.max(connections, Math.min(own.length, 1), own.length - 3);
      };
      for (const { id, way, offer, act, which } of steps) {
        const chosen = inside[which % Math.max(1, inside.length)];
        try {
          if (act === 'enter') inside.push({ id, way, offer, seat: audience.enter(id, way, { offer }) });
          else if (act === 'connect' && chosen) {
            chosen.seat.setPictures(true);
            chosen.offer = false;
          } else if (chosen) inside.splice(inside.indexOf(chosen), 1)[0]?.seat.leave();
        } catch (error) {
          if (!(error instanceof OnairError)) throw error;
        }
        const sum = ['a', 'b', 'c'].reduce(
          (total, one) => total + Math.max(...ways.map((each) => placesOf(one, each))),
          0,
        );
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

t.test('a place that several offers make up goes with all of them', (t) => {
  const audience = new Audience({ clock: new DrivenClock(), max: 2 });
  const gone: string[] = [];
  const offer = (id: string) =>
    audience.enter(id, 'whep', { address: 'eve', offer: true, displaced: () => gone.push(id) });
  offer('a1');
  offer('a2');
  offer('a2');
  t.equal(audience.viewers, 2);
  audience.enter('k', 'whep', { address: 'kim', offer: true });
  t.same(gone, ['a2', 'a2']);
  t.equal(audience.viewers, 2);
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
