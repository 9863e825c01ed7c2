import t from 'tap';
import { Pairing, type PairingPurpose, type PairingWait } from '#control/domain/pairing.ts';
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
  const ask = (from = 'kim', purpose?: PairingPurpose) => {
    const wait = pairing.ask(from, purpose);
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
const idle = { waiting: false, windowOpen: false, expiresAt: null };

t.test('a long press while somebody asks lets them in; no other press does', async (t) => {
  const { pairing, ask, clock } = setUp();
  t.same(pairing.snapshot, idle);
  const kim = ask();
  t.same(pairing.snapshot, {
    ...idle,
    waiting: true,
    expiresAt: new Date(startMs + 30_000).toISOString(),
  });
  clock.advance(29_999);
  t.equal(pairing.press('short', 80), null, 'a short one is for going live');
  t.equal(pairing.press('very-long', 80), null);
  await settled();
  t.equal(kim.ended, null);
  t.equal(pairing.press('long', 80), 'pairing-confirmed');
  await settled();
  t.equal(kim.ended, 'granted');
  t.same(pairing.snapshot, idle);
  t.equal(clock.timers, 0);
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
  const { ask } = setUp();
  const kim = ask('kim');
  const eve = ask('eve');
  await settled();
  t.equal(kim.ended, 'overlap');
  t.equal(eve.ended, 'overlap');
  const same = ask('kim');
  ask('kim');
  await settled();
  t.equal(same.ended, 'overlap', 'also two from one address');
});

t.test('a press that began before somebody asked does not mean them', async (t) => {
  const { pairing, ask, clock } = setUp();
  clock.advance(10_000);
  const eve = ask('eve');
  clock.advance(2_999);
  t.equal(pairing.press('long', 0), 'pairing-window-opened', 'the finger was down before');
  await settled();
  t.equal(eve.ended, 'overlap');
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
  clock.advance(59_000);
  t.equal(pairing.press('long', 0), 'pairing-window-opened');
  clock.advance(59_000);
  t.equal(pairing.snapshot.windowOpen, true, 'another long press begins the minute again');
  clock.advance(1_000);
  t.same(pairing.snapshot, idle);
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

t.test('who asks again and again is slowed down, and nobody else', async (t) => {
  const { pairing, ask, clock } = setUp();
  for (let times = 0; times < 5; times += 1) ask('eve').leave();
  t.equal(pairing.ask('eve'), null);
  clock.advance(31_000);
  t.equal(pairing.ask('eve'), null);
  const kim = ask('kim');
  t.equal(pairing.ask('eve'), null, 'and no longer counts as somebody else who asks');
  clock.advance(4_000);
  t.equal(pairing.press('long', 0), 'pairing-confirmed');
  await settled();
  t.equal(kim.ended, 'granted');
  clock.advance(60_000);
  t.ok(pairing.ask('eve'), 'later one may ask again, once a minute');
  pairing.close();
});

t.test('two who drive the button into refusing cannot keep the press from the owner', async (t) => {
  const { pairing, ask, clock } = setUp();
  /** Two askers, every 50 ms, for as long as that. */
  const quarrel = (lastsMs: number): void => {
    for (let atMs = 0; atMs < lastsMs; atMs += 50) {
      for (const from of ['eve', 'mallory']) pairing.ask(from);
      clock.advance(50);
    }
  };
  quarrel(120_000);
  for (let times = 0; times < 5; times += 1) ask('kim').leave(); // the owner was refused, too
  t.equal(pairing.ask('kim'), null);
  quarrel(5_000);
  t.equal(pairing.press('long', 0), 'pairing-window-opened');
  t.equal(pairing.ask('eve'), null, 'who asked with the finger on the button is nobody beside it');
  t.equal(pairing.ask('mallory'), null);
  const kim = ask('kim');
  await settled();
  t.equal(kim.ended, 'granted');
  pairing.close();
});

t.test('a code is good for five minutes and one use', async (t) => {
  const { pairing, clock } = setUp();
  t.equal(pairing.tryCode('000000', 'kim'), 'wrong', 'there is none yet');
  const { code, expiresAt } = pairing.makeCode();
  t.equal(expiresAt, new Date(startMs + 300_000).toISOString());
  t.equal(pairing.tryCode(code, 'kim'), 'granted');
  t.equal(pairing.tryCode(code, 'kim'), 'wrong');
  const second = pairing.makeCode().code;
  const third = pairing.makeCode().code;
  t.equal(pairing.tryCode(second, 'kim'), 'wrong', 'the newest counts');
  clock.advance(299_999);
  t.equal(pairing.tryCode(third, 'kim'), 'granted');
  const late = pairing.makeCode().code;
  clock.advance(300_000);
  t.equal(pairing.tryCode(late, 'kim'), 'wrong');
});

t.test('wrong codes slow down who tries them; the right one always gets through', async (t) => {
  const { pairing, clock } = setUp();
  const { code } = pairing.makeCode();
  for (let guess = 0; guess < 5; guess += 1) t.equal(pairing.tryCode('999999', 'eve'), 'wrong');
  for (let guess = 0; guess < 10_000; guess += 1) {
    clock.advance(20);
    pairing.tryCode('999999', 'eve');
  }
  t.equal(pairing.isSlowed('eve'), true);
  t.equal(pairing.tryCode('999999', 'eve'), 'slowed');
  t.equal(pairing.tryCode(code, 'eve'), 'slowed', 'one address can try no more than a few hundred');
  t.equal(pairing.isSlowed('kim'), false);
  t.equal(pairing.tryCode(code, 'kim'), 'granted');
  const fresh = pairing.makeCode().code;
  for (let guess = 0; guess < 100; guess += 1) pairing.tryCode('999999', 'eve');
  t.equal(pairing.tryCode(fresh, 'eve'), 'granted', 'also where the owner shares the address of who guesses');
  const flooded = pairing.makeCode().code;
  for (let guess = 0; guess < 1_001; guess += 1) pairing.tryCode('999999', `address-${guess}`);
  t.equal(pairing.tryCode(flooded, 'kim'), 'wrong', 'a thousand addresses void one code');
  t.equal(pairing.tryCode(pairing.makeCode().code, 'kim'), 'granted', 'and not the next');
});

t.test('a press that proves the box makes nobody operator, and the other way round', async (t) => {
  const { pairing, ask, clock } = setUp();
  const reader = ask('kim', 'prove');
  t.equal(pairing.asked, 'prove');
  clock.advance(10_000);
  t.equal(pairing.press('short', 80), null, 'a short one is for going live');
  t.equal(pairing.press('long', 80), 'proof-confirmed');
  await settled();
  t.equal(reader.ended, 'granted');
  t.same(pairing.snapshot, idle, 'and no door is open');
  t.equal(pairing.asked, null);

  const [asker, stranger] = [ask('kim', 'prove'), ask('eve')];
  await settled();
  t.same([asker.ended, stranger.ended], ['overlap', 'overlap'], 'which of them would the button mean?');

  pairing.press('long', 80);
  t.equal(pairing.snapshot.windowOpen, true);
  const late = ask('kim', 'prove');
  await settled();
  t.equal(late.ended, 'overlap', 'an open door is for operators');
  t.equal(pairing.snapshot.windowOpen, true);
});
