import t from 'tap';
import { PacketRing } from '#egress/rtp/packet-ring.ts';

const packet = (value: number, length = 20): Buffer => Buffer.alloc(length, value);

t.test('keeps copies of the latest packets by their index', async (t) => {
  const ring = new PacketRing(4);
  t.equal(ring.get(0), null, 'empty');
  t.equal(ring.head, -1);
  const original = packet(1);
  ring.store(0, original);
  original.fill(9);
  t.same(ring.get(0), packet(1));
  for (const index of [1, 2, 3]) ring.store(index, packet(index, 10 + index));
  t.same(ring.get(3), packet(3, 13), 'each with its own length');
  ring.store(4, packet(4));
  t.equal(ring.get(0), null, 'the oldest has gone');
  t.same(ring.get(1), packet(1, 11));
  t.equal(ring.head, 4);
});

t.test('a gap leaves nothing of older packets under the missing indexes', async (t) => {
  const ring = new PacketRing(4);
  for (const index of [0, 1, 2, 3, 6]) ring.store(index, packet(index));
  t.equal(ring.get(4), null);
  t.equal(ring.get(5), null);
  t.equal(ring.get(0), null);
  t.same(ring.get(6), packet(6));
  t.equal(ring.get(-1), null);
});
