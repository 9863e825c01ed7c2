import t from 'tap';
import { beginsKeyFrame, LossWatch } from '#media/ingest/whip/key-frames.ts';

t.test('where a key frame begins', async (t) => {
  const h264 = (...bytes: number[]) => beginsKeyFrame('h264', Buffer.from(bytes));
  t.ok(h264(0x65, 0x88), 'an IDR slice');
  t.ok(h264(0x67, 0x42), 'parameters');
  t.ok(h264(0x78, 0, 4, 0x67, 0x42), 'STAP-A with parameters');
  t.ok(h264(0x7c, 0x85), 'the first fragment of an IDR slice');
  t.notOk(h264(0x7c, 0x05), 'a later fragment');
  t.notOk(h264(0x41, 0x9a), 'another slice');
  t.notOk(h264());
  const vp8 = (...bytes: number[]) => beginsKeyFrame('vp8', Buffer.from(bytes));
  t.ok(vp8(0x10, 0x50));
  t.ok(vp8(0x90, 0x80, 0x81, 0x02, 0x50), 'with a picture number of 15 bits');
  t.notOk(vp8(0x10, 0x51), 'an interframe');
  t.notOk(vp8(0x00, 0x50), 'within a frame');
  t.notOk(vp8(0x90, 0x80), 'cut off');
});

t.test('a packet that comes late is not lost, and one that does not come is', async (t) => {
  const watch = new LossWatch();
  t.notOk(watch.take(65_534, 0));
  t.notOk(watch.take(1, 10), '65535 and 0 are missing');
  t.notOk(watch.take(0, 100));
  t.notOk(watch.take(65_535, 200));
  t.notOk(watch.take(2, 600), 'all came');
  t.notOk(watch.take(4, 700));
  t.ok(watch.take(5, 1_100), '3 is lost');
  t.notOk(watch.take(6, 1_500), 'which is said once');
  t.ok(watch.take(500, 1_510), 'the network was away');
});
