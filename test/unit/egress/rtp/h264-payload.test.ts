import t from 'tap';
import { beginningNals, nalContent, RandomAccess, unmarkHeaders } from '#egress/rtp/h264-payload.ts';
import { isInputPacket } from '#egress/rtp/packet.ts';
import {
  aggregate,
  fragments,
  PictureStream,
  parameterSets,
  rtpPacket,
  seen,
} from '#test/support/rtp-packets.ts';

const packet = (payload: Buffer, marker = false): Buffer =>
  rtpPacket(payload, { sequence: 1, timestamp: 1, marker });

t.test('what of a random access point begins in a packet', async (t) => {
  const [firstIdr, laterIdr] = fragments(5, 2).map((payload) => packet(payload));
  const both = nalContent.sps | nalContent.idr;
  const table: [string, Buffer | undefined, number][] = [
    ['single SPS', packet(Buffer.from([0x67, 1])), nalContent.sps],
    ['single IDR', packet(Buffer.from([0x65, 1])), nalContent.idr],
    ['single slice', packet(Buffer.from([0x61, 1])), 0],
    ['STAP-A of SPS and PPS', packet(parameterSets()), nalContent.sps],
    [
      'STAP-A of AUD, SPS, IDR',
      packet(aggregate(Buffer.from([9, 16]), Buffer.from([0x67]), Buffer.from([0x65]))),
      both,
    ],
    ['first fragment of an IDR', firstIdr, nalContent.idr],
    ['later fragment of an IDR', laterIdr, 0],
    ['STAP-A whose size runs past its end', packet(Buffer.from([0x78, 0xff, 0xff, 0x67])), nalContent.sps],
    ['empty STAP-A', packet(Buffer.from([0x78, 0])), 0],
  ];
  for (const [name, bytes, content] of table) t.equal(beginningNals(bytes ?? Buffer.alloc(0)), content, name);
});

t.test('a viewer may begin where an access unit has both SPS and IDR', async (t) => {
  const access = new RandomAccess();
  const stream = new PictureStream();
  let index = 0;
  const feed = (packets: Buffer[]): boolean[] =>
    packets.map((each) => access.push(each, index++, seen(each).timestamp));

  t.same(feed(stream.frame()), [false, false], 'not on an ordinary picture');
  t.equal(access.startIndex, -1);
  t.same(
    feed(stream.keyFrame()),
    [false, true, false, false],
    'known with the first packet of the IDR slice',
  );
  t.equal(access.startIndex, 2, 'it begins with its parameter sets');
  feed(stream.frame());
  t.equal(access.startIndex, 2);
  t.same(feed(stream.keyFrame().slice(1)), [false, false, false], 'not on an IDR without its SPS');
  t.equal(access.startIndex, 2);
});

t.test('parameter sets alone are no picture: their marker goes', async (t) => {
  const marker = (bytes: Buffer): boolean => {
    unmarkHeaders(bytes);
    return seen(bytes).marker;
  };
  t.equal(marker(packet(parameterSets(), true)), false, 'as rtph264pay sends it before a forced key frame');
  t.equal(marker(packet(Buffer.from([0x09, 0x10]), true)), false, 'a delimiter');
  t.equal(marker(packet(Buffer.from([0x61, 0x10]), true)), true, 'a slice');
  t.equal(
    marker(packet(aggregate(Buffer.from([9, 16]), Buffer.from([0x61])), true)),
    true,
    'one with a slice',
  );
  t.equal(marker(packet(fragments(1, 2)[1] ?? Buffer.alloc(0), true)), true, 'the end of a fragmented slice');
  t.equal(marker(packet(Buffer.from([0x61, 0x10]))), false, 'nothing is marked that was not');
});

t.test('only what looks like media is taken from the input ports', async (t) => {
  const good = packet(Buffer.from([0x61, 1]));
  const changed = (at: number, value: number): Buffer => {
    const copy = Buffer.from(good);
    copy[at] = value;
    return copy;
  };
  t.equal(isInputPacket('video', good), true);
  t.equal(isInputPacket('audio', good), false, 'not under the other payload type');
  for (const [name, bytes] of Object.entries({
    empty: Buffer.alloc(0),
    short: good.subarray(0, 12),
    'longer than a frame': Buffer.concat([good, Buffer.alloc(1_500)]),
    'RTP version 1': changed(0, 0x40),
    'with contributing sources': changed(0, 0x8f),
    'with an extension': changed(0, 0x90),
    'with padding': changed(0, 0xa0),
    RTCP: changed(1, 200),
  }))
    t.equal(isInputPacket('video', bytes), false, name);
});
