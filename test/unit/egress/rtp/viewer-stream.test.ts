import t from 'tap';
import { PacketRing } from '#egress/rtp/packet-ring.ts';
import { ViewerStream } from '#egress/rtp/viewer-stream.ts';
import { PictureStream, rtpPacket, seen } from '#test/support/rtp-packets.ts';

const labels = { cname: 'onair', videoSsrc: 0xa1a2a3a4, audioSsrc: 0xb1b2b3b4, repeatSsrc: 0xc1c2c3c4 };
const plain = { fmtp: '', feedback: [], repeatPayloadType: null, extensions: [] };
const video = { payloadType: 102, rtpmap: 'H264/90000', ...plain };
const audio = { payloadType: 63, rtpmap: 'opus/48000/2', ...plain };

function viewer({ withAudio = true, slots = 1_000 } = {}) {
  const ring = new PacketRing(slots);
  const sent: Buffer[] = [];
  const send = (packet: Buffer): void => {
    sent.push(Buffer.from(packet));
  };
  const stream = new ViewerStream({ ring, labels, video, audio: withAudio ? audio : null, send });
  let index = 0;
  const feed = (packets: Buffer[]): void => {
    for (const packet of packets) {
      const shared = ring.store(index, packet);
      if (stream.started) stream.sendVideo(shared, index);
      index += 1;
    }
  };
  return { ring, sent, stream, feed };
}

t.test(
  'begins on the key frame it is given, under its own payload type and a low sequence number',
  async (t) => {
    const { sent, stream, feed } = viewer();
    const pictures = new PictureStream();
    feed(pictures.keyFrame());
    t.equal(stream.started, false);
    t.same(sent, []);
    t.equal(stream.start(0), true);
    t.equal(stream.started, true);
    t.equal(sent.length, 4);
    const first = seen(sent[0] ?? Buffer.alloc(12)).sequence;
    t.ok(first < 2 ** 15, 'in the lower half (RFC 3711, 3.3.1)');
    feed(pictures.frame());
    t.same(
      sent.map((packet) => seen(packet).sequence - first),
      [0, 1, 2, 3, 4, 5],
    );
    t.ok(sent.every((packet) => seen(packet).payloadType === 102));
    t.same(
      sent.map((packet) => seen(packet).marker),
      [false, false, false, true, false, true],
      'markers stay',
    );
  },
);

t.test('pictures that it was late for come at once and as they were', async (t) => {
  const { sent, stream, feed } = viewer();
  const pictures = new PictureStream();
  feed(pictures.keyFrame());
  for (let i = 0; i < 9; i += 1) feed(pictures.frame());
  stream.start(0);
  t.equal(sent.length, 4 + 9 * 2);
  t.same(
    [...new Set(sent.map((packet) => seen(packet).timestamp))],
    Array.from({ length: 10 }, (_, at) => 3_000 * at),
  );
  stream.repeatVideo(seen(sent[4] ?? Buffer.alloc(12)).sequence);
  t.same(sent.at(-1), sent[4], 'sent again, a packet is the same to the last bit');
});

t.test('what is no longer there is no beginning', async (t) => {
  const { sent, stream, feed } = viewer({ slots: 4 });
  const pictures = new PictureStream();
  feed(pictures.keyFrame());
  feed(pictures.frame());
  t.equal(stream.start(0), false);
  t.equal(stream.started, false);
  t.same(sent, []);
});

t.test(
  'sends again what a viewer misses, across the wrap-around, and nothing that it was never sent',
  async (t) => {
    const { sent, stream, feed } = viewer();
    const pictures = new PictureStream();
    feed(pictures.keyFrame());
    stream.start(0);
    const first = seen(sent[0] ?? Buffer.alloc(12)).sequence;
    while (sent.length < 70_000) feed(pictures.frame());
    const before = sent.length;
    stream.repeatVideo((first + 70_000 - 10) & 0xffff);
    t.equal(sent.length, before + 1);
    t.same(sent.at(-1), sent[70_000 - 10], 'although the number was used before');
    stream.repeatVideo((first + 70_000 + 5) & 0xffff);
    stream.repeatVideo((first + 70_000 - 5_000) & 0xffff);
    t.equal(sent.length, before + 1, 'not yet sent, and too old');
  },
);

t.test('repeats are bounded by the second', async (t) => {
  const { sent, stream, feed } = viewer();
  const pictures = new PictureStream();
  feed(pictures.keyFrame());
  stream.start(0);
  const { sequence } = seen(sent[1] ?? Buffer.alloc(12));
  for (let i = 0; i < 5_000; i += 1) stream.repeatVideo(sequence);
  t.equal(sent.length, 4 + 1_000);
  stream.renewAllowance();
  stream.repeatVideo(sequence);
  t.equal(sent.length, 4 + 1_001);
});

t.test('sound goes under its own payload type and numbers; to nobody who has not asked for it', async (t) => {
  const opus = (sequence: number) =>
    rtpPacket(Buffer.from([1, 2, 3]), { sequence, timestamp: 960 * sequence, payloadType: 111 });
  const listener = viewer();
  listener.stream.sendAudio(opus(70), 70);
  listener.stream.sendAudio(opus(72), 72);
  const [first, second] = listener.sent.map(seen);
  t.equal(first?.payloadType, 63);
  t.equal((second?.sequence ?? 0) - (first?.sequence ?? 0), 2, 'a gap stays a gap');
  const silent = viewer({ withAudio: false });
  silent.stream.sendAudio(opus(70), 70);
  t.same(silent.sent, []);
});

t.test('reports name packets, octets and the moment on both clocks', async (t) => {
  const { sent, stream, feed } = viewer();
  const pictures = new PictureStream();
  feed(pictures.keyFrame());
  stream.start(0);
  const octets = sent.reduce((sum, packet) => sum + packet.length - 12, 0);
  sent.length = 0;
  stream.report(1_000, 90_000, 48_000);
  const [ofVideo, ofAudio] = sent;
  t.equal(sent.length, 2);
  t.equal(ofVideo?.readUInt32BE(4), labels.videoSsrc);
  t.equal(ofVideo?.readUInt32BE(16), 90_000);
  t.equal(ofVideo?.readUInt32BE(20), 4);
  t.equal(ofVideo?.readUInt32BE(24), octets);
  t.equal(ofAudio?.readUInt32BE(4), labels.audioSsrc);
  t.equal(ofAudio?.readUInt32BE(16), 48_000);
  t.same(ofVideo?.subarray(8, 16), ofAudio?.subarray(8, 16), 'one moment');
});
