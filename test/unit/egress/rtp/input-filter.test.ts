import t from 'tap';
import { rtpStreams } from '#core/protocol/link/media.ts';
import { InputFilter } from '#egress/rtp/input-filter.ts';
import { StreamIds } from '#media/encoder/stream-ids.ts';
import { rtpPacket } from '../../../support/rtp-packets.ts';

const packet = (ssrc: number) => rtpPacket(Buffer.alloc(20), { ssrc, sequence: 1, timestamp: 0 });

t.test('before media is known, packets of all streams are taken', async (t) => {
  const filter = new InputFilter();
  t.ok(filter.accept('video', packet(1)));
  t.ok(filter.accept('audio', packet(2)));
  t.equal(filter.refused, 0);
});

t.test('then those of all of its encoders, and no others', async (t) => {
  const filter = new InputFilter();
  const media = new StreamIds();
  filter.expect(media.streams);
  const seen = new Set<number>();
  for (let run = 0; run < 40; run += 1) {
    const { videoSsrc, audioSsrc } = media.next();
    t.ok(filter.accept('video', packet(videoSsrc)));
    t.ok(filter.accept('audio', packet(audioSsrc)));
    t.ok(rtpStreams.safeParse({ videoSsrc, audioSsrc }).success);
    t.not(videoSsrc, 0xffff_ffff, 'which a payloader takes for none');
    seen.add(videoSsrc);
  }
  t.equal(seen.size, 16, 'an encoder has another SSRC than the one before it');
  t.equal(filter.refused, 0);
  const { videoSsrc, audioSsrc } = media.next();
  t.notOk(filter.accept('video', packet((videoSsrc ^ 0x10) >>> 0)), 'the lowest of the secret bits');
  t.notOk(filter.accept('video', packet((videoSsrc ^ 0x8000_0000) >>> 0)), 'the highest');
  t.notOk(filter.accept('video', packet(audioSsrc)), 'sound on the port of pictures');
  t.equal(filter.refused, 3);
});

t.test('another media replaces the one before', async (t) => {
  const filter = new InputFilter();
  const [before, after] = [new StreamIds(), new StreamIds()];
  filter.expect(before.streams);
  filter.expect(after.streams);
  t.notOk(filter.accept('video', packet(before.next().videoSsrc)));
  t.ok(filter.accept('video', packet(after.next().videoSsrc)));
});
