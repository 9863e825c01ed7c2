import t from 'tap';
import { Pairing, type PairingWait } from '#control/domain/pairing.ts';
import { DrivenClock, startMs } from '#test/support/driven-clock.ts';

function setUp() {
  const clock = new DrivenClock();
  let codes = 0;
  const pairing = new Pairing({
    clock,
    newCode: () => String(111_111 * ++codes),
    sameSecret: (one, other) => one === other,
  });
  let announced = 0;
  pairing.events.on('pairingChanged', () => {
    announced += 1;
  });
  /** Asks from an address that is let wait; `ended` is how it ended, null while it waits. */
  const ask = (from = 'kim') => {
    const wait = pairing.ask(from);
    if (wait === null) throw new Error(`${from} was turned away`);
    return follow(wait);
  };
  return { clock, pairing, ask, announced: () => announced };
}

function follow(wait: PairingWait) {
  const seen: { ended: string | null; leave: () => void } = { ended: null, leave: wait.leave };
  void wait.outcome.then((outcome) => {
    seen.ended = outcome;
  });
  return seen;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const idle = { waiting: false, windowOpen: false, locked: false, expiresAt: null };

t.test('a press while somebody asks lets them in, and means nothing else', async (t) => {
  const { pairing, ask, clock } = setUp();
  t.same(pairing.snapshot, idle);
  t.equal(pairing.press('short', 0), null, 'before, it means what it always does');
  const kim = ask();
  t.same(pairing.snapshot, {
    ...idle,
    waiting: true,
    expiresAt: new Date(startMs + 30_000).toISOString(),
  });
  clock.advance(29_999);
  t.equal(pairing.press('short', 80), 'pairing-confirmed');
  await settled();
  t.equal(kim.ended, 'granted');
  t.same(pairing.snapshot, idle);
  t.equal(pairing.press('short', 0), null, 'and after that it is an ordinary one again');
  t.equal(clock.timers, 0);
});

t.test('a long press confirms as well, a very long one is not pairing', async (t) => {
  const { pairing, ask } = setUp();
  const kim = ask();
  t.equal(pairing.press('very-long', 0), null);
  await settled();
  t.equal(kim.ended, null);
  t.equal(pairing.press('long', 0), 'pairing-confirmed');
  await settled();
  t.equal(kim.ended, 'granted');
});

t.test('without a press it is over after 30 s', async (t) => {
  const { pairing, ask, clock, announced } = setUp();
  const kim = ask();
  clock.advance(30_000);
  await settled();
  t.equal(kim.ended, 'timeout');
  t.same(pairing.snapshot, idle);
  t.equal(announced(), 2);
});

t.test('who goes away asks no more', async (t) => {
  const { pairing, ask, clock } = setUp();
  const kim = ask();
  kim.leave();
  kim.leave();
  await settled();
  t.equal(kim.ended, 'left');
  t.equal(pairing.press('short', 0), null);
  const next = ask();
  kim.leave();
  t.equal(pairing.snapshot.waiting, true, 'and takes nobody else along');
  pairing.close();
  pairing.close();
  await settled();
  t.equal(next.ended, 'left');
  t.equal(clock.timers, 0);
});

t.test('two at once are both refused', async (t) => {
  const { pairing, ask } = setUp();
  const kim = ask('kim');
  const eve = ask('eve');
  await settled();
  t.equal(kim.ended, 'overlap');
  t.equal(eve.ended, 'overlap');
  t.equal(pairing.press('short', 0), null, 'the press means neither');
  const same = ask('kim');
  ask('kim');
  await settled();
  t.equal(same.ended, 'overlap', 'also two from one address');
});

t.test('a press that came before somebody asked does not mean them', async (t) => {
  const { pairing, ask, clock } = setUp();
  clock.advance(10_000);
  const kim = ask();
  clock.advance(100);
  t.equal(pairing.press('short', 200), null);
  await settled();
  t.equal(kim.ended, null);
  t.equal(pairing.press('short', 50), 'pairing-confirmed');
});

t.test('a long press opens the door for the next one who asks, for 60 s', async (t) => {
  const { pairing, ask, clock } = setUp();
  t.equal(pairing.press('long', 0), 'pairing-window-opened');
  t.match(pairing.snapshot, { windowOpen: true, expiresAt: new Date(startMs + 60_000).toISOString() });
  clock.advance(59_999);
  const kim = ask();
  await settled();
  t.equal(kim.ended, 'granted');
  t.same(pairing.snapshot, idle);
  const eve = ask('eve');
  await settled();
  t.equal(eve.ended, null, 'only for one');
  eve.leave();
  pairing.press('long', 0);
  clock.advance(60_000);
  t.same(pairing.snapshot, idle);
  pairing.press('long', 0);
  t.equal(
    pairing.press('short', 0),
    'pairing-window-closed',
    'a press closes a door that nobody came through',
  );
  t.equal(clock.timers, 0);
});

t.test('a door that two were after stays shut', async (t) => {
  const { pairing, ask, clock } = setUp();
  ask('eve').leave();
  clock.advance(1_000);
  pairing.press('long', 0);
  const kim = ask('kim');
  await settled();
  t.equal(kim.ended, 'overlap');
  t.equal(pairing.snapshot.windowOpen, false);
  clock.advance(30_000);
  pairing.press('long', 0);
  const again = ask('kim');
  await settled();
  t.equal(again.ended, 'granted', 'half a minute later it is for one again');
});

t.test('who lurks for any press is turned away after five times', async (t) => {
  const { pairing, ask, clock } = setUp();
  for (let times = 0; times < 5; times += 1) {
    ask('eve');
    clock.advance(30_000);
  }
  t.equal(pairing.ask('eve'), null);
  t.equal(pairing.ask('kim'), null);
  t.equal(pairing.press('short', 0), null, 'a press to go live lets nobody in');
  t.equal(pairing.ask('eve'), null);
  clock.advance(30_001);
  t.equal(pairing.press('long', 0), 'pairing-window-opened');
  const kim = ask('kim');
  await settled();
  t.equal(kim.ended, 'granted', 'a long press is meant');
  for (let times = 0; times < 5; times += 1) ask('eve').leave();
  t.equal(pairing.ask('eve'), null);
  clock.advance(10 * 60_000);
  t.ok(pairing.ask('eve'), 'and later one may ask again');
  pairing.close();
});

t.test('a code is good for five minutes and one use', async (t) => {
  const { pairing, clock } = setUp();
  t.equal(pairing.tryCode('000000'), 'wrong', 'there is none yet');
  const { code, expiresAt } = pairing.makeCode();
  t.equal(expiresAt, new Date(startMs + 300_000).toISOString());
  t.equal(pairing.tryCode(code), 'granted');
  t.equal(pairing.tryCode(code), 'wrong');
  const second = pairing.makeCode().code;
  const third = pairing.makeCode().code;
  t.equal(pairing.tryCode(second), 'wrong', 'the newest counts');
  clock.advance(299_999);
  t.equal(pairing.tryCode(third), 'granted');
  const late = pairing.makeCode().code;
  clock.advance(300_000);
  t.equal(pairing.tryCode(late), 'wrong');
});

t.test('five wrong codes lock it until the button is pressed', async (t) => {
  const { pairing, ask, announced } = setUp();
  const { code } = pairing.makeCode();
  for (let guess = 0; guess < 5; guess += 1) {
    t.equal(pairing.snapshot.locked, false);
    t.equal(pairing.tryCode('999999'), 'wrong');
  }
  t.equal(pairing.snapshot.locked, true);
  t.equal(announced(), 1);
  t.equal(pairing.tryCode(code), 'locked', 'the right one, too');
  t.equal(pairing.tryCode(pairing.makeCode().code), 'locked', 'and a new one');
  const kim = ask();
  t.equal(pairing.press('short', 0), 'pairing-confirmed', 'the button is a way in all the same');
  await settled();
  t.equal(kim.ended, 'granted');
  t.equal(pairing.snapshot.locked, false);
  for (let guess = 0; guess < 5; guess += 1) pairing.tryCode('999999');
  t.equal(pairing.press('short', 0), null, 'a press that unlocks means what it always does, too');
  const fresh = pairing.makeCode().code;
  for (let guess = 0; guess < 4; guess += 1) pairing.tryCode('999999');
  t.equal(pairing.tryCode(fresh), 'granted');
  for (let guess = 0; guess < 4; guess += 1) pairing.tryCode('999999');
  t.equal(pairing.snapshot.locked, false, 'who got in counts anew');
});
