import t from 'tap';
import { PinGuesses } from '#control/access/pin-guesses.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

const slowed = { code: 'rate-limited', subject: 'pin' };

function setUp() {
  const clock = new DrivenClock();
  const pins = new PinGuesses({ clock });
  const guess = (address: string): boolean => {
    try {
      pins.allow(address);
    } catch {
      return false;
    }
    pins.count(address);
    return true;
  };
  return { clock, pins, guess };
}

t.test('an address that was wrong too often waits', (t) => {
  const { clock, pins, guess } = setUp();
  for (let times = 0; times < 10; times += 1) t.ok(guess('192.168.1.7'));
  t.throws(() => pins.allow('192.168.1.7'), slowed);
  pins.allow('192.168.1.8');
  clock.advance(10_000);
  pins.allow('192.168.1.7');
  t.end();
});

t.test('however many guess, an address that was not wrong is compared', (t) => {
  const { clock, pins, guess } = setUp();
  for (let times = 0; times < 10; times += 1)
    for (let host = 1; host <= 58; host += 1) guess(`10.0.0.${host}`);
  t.throws(() => pins.allow('10.0.0.1'), slowed);
  pins.allow('192.168.1.7');
  let guesses = 0;
  for (let second = 0; second < 600; second += 1) {
    for (let host = 1; host <= 58; host += 1) if (guess(`10.0.0.${host}`)) guesses += 1;
    clock.advance(1_000);
    pins.allow('192.168.1.7');
  }
  t.ok(guesses < 500, `${guesses} guesses in 10 minutes from 58 addresses`);
  t.ok(guess('192.168.1.8') && guess('192.168.1.8'), 'who mistypes it twice meanwhile');
  pins.allow('192.168.1.8');
  t.end();
});

t.test('a machine that takes a new IPv6 address for each guess is one machine', (t) => {
  const { pins, guess } = setUp();
  let guesses = 0;
  for (let host = 0; host < 1_000; host += 1) if (guess(`2001:db8:0:1::${host.toString(16)}`)) guesses += 1;
  t.equal(guesses, 60);
  pins.allow('2001:db8:0:2::1');
  for (let times = 0; times < 10; times += 1) guess(times % 2 === 0 ? '10.0.0.9' : '::ffff:10.0.0.9');
  t.notOk(pins.allows('::ffff:10.0.0.9') || pins.allows('10.0.0.9'), 'one address, however it is written');
  pins.allow('::ffff:192.168.1.7');
  t.end();
});
