import t from 'tap';
import { PacketOrder } from '#media/ingest/whip/packet-order.ts';

const line = () => {
  const order = new PacketOrder<number>({ patienceMs: 200 });
  return (sequence: number, nowMs: number) => order.take(sequence, sequence, nowMs);
};

t.test('packets that overtake each other, and such as come twice', async (t) => {
  const take = line();
  t.same(take(65_534, 0), { ready: [65_534], lost: false });
  t.same(take(1, 10), { ready: [], lost: false }, '65535 and 0 are missing');
  t.same(take(0, 100), { ready: [], lost: false });
  t.same(take(65_535, 200), { ready: [65_535, 0, 1], lost: false });
  t.same(take(0, 210), { ready: [], lost: false }, 'it was there');
  t.same(take(2, 600), { ready: [2], lost: false });
});

t.test('one that does not come is lost', async (t) => {
  const take = line();
  take(2, 0);
  t.same(take(4, 100), { ready: [], lost: false });
  t.same(take(5, 250), { ready: [], lost: false }, 'it is waited for');
  t.same(take(6, 301), { ready: [4, 5, 6], lost: true });
  t.same(take(3, 310), { ready: [], lost: false }, 'too late');
  t.same(take(7, 320), { ready: [7], lost: false }, 'which is said once');
  take(9, 400);
  take(11, 500);
  t.same(take(12, 800), { ready: [9, 11, 12], lost: true }, 'two that are missing');
});

t.test('a network that was away, and a sender that numbers from another place', async (t) => {
  const take = line();
  take(0, 0);
  let result = take(2, 0);
  for (let sequence = 3; !result.lost; sequence += 1) result = take(sequence, 1);
  t.equal(result.ready[0], 2);
  t.equal(result.ready.length, 513, 'no more are kept');
  t.same(take(40_000, 2), { ready: [40_000], lost: true });
  t.same(take(40_001, 3), { ready: [40_001], lost: false });
  t.same(take(30_000, 4), { ready: [30_000], lost: true });
});
