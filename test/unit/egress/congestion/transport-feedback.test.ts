import t from 'tap';
import { TransportFeedback } from '#egress/congestion/transport-feedback.ts';

/** What one reader, used again and again, makes of it; null: the packet has not arrived. */
const reader = new TransportFeedback();
function parseTransportFeedback(bytes: Buffer): { sequence: number; receivedUs: number | null }[] {
  reader.read(bytes);
  return [...reader.receivedUs.subarray(0, reader.count)].map((receivedUs, at) => ({
    sequence: (reader.first + at) & 0xffff,
    receivedUs: Number.isNaN(receivedUs) ? null : receivedUs,
  }));
}

/** RTPFB, format 15. @param chunks 16 bits each. @param deltas one byte, or two where it is a pair */
function feedback(
  base: number,
  count: number,
  chunks: number[],
  deltas: number[],
  referenceTime = 1,
): Buffer {
  const bytes = Buffer.alloc(20 + 2 * chunks.length + deltas.length);
  bytes[0] = 0x8f;
  bytes[1] = 205;
  bytes.writeUInt16BE(base, 12);
  bytes.writeUInt16BE(count, 14);
  bytes.writeIntBE(referenceTime, 16, 3);
  for (const [at, chunk] of chunks.entries()) bytes.writeUInt16BE(chunk, 20 + 2 * at);
  Buffer.from(deltas).copy(bytes, 20 + 2 * chunks.length);
  return bytes;
}

t.test('run lengths, and both kinds of status vectors', async (t) => {
  t.same(
    parseTransportFeedback(feedback(65_534, 3, [0x2003], [4, 8, 0])),
    [
      { sequence: 65_534, receivedUs: 65_000 },
      { sequence: 65_535, receivedUs: 67_000 },
      { sequence: 0, receivedUs: 67_000 },
    ],
    'three small deltas, over the wrap',
  );
  t.same(
    parseTransportFeedback(feedback(10, 4, [0b1011_0000_0000_0000], [4, 4])).map((each) => each.receivedUs),
    [65_000, 66_000, null, null],
    'one bit each',
  );
  t.same(
    parseTransportFeedback(feedback(10, 3, [0b1110_0001_0000_0000], [0xff, 0xfc, 4])).map(
      ({ receivedUs }) => receivedUs,
    ),
    [63_000, null, 64_000],
    'two bits each, a delta below zero',
  );
  t.same(
    parseTransportFeedback(feedback(0, 2, [0x0002], [])).map((each) => each.receivedUs),
    [null, null],
  );
});

t.test('what does not fit its own counts is left out', async (t) => {
  t.same(parseTransportFeedback(Buffer.alloc(19)), []);
  t.same(parseTransportFeedback(feedback(0, 5_000, [0x2003], [])), [], 'too many');
  t.equal(parseTransportFeedback(feedback(0, 3, [0x2003], [4])).length, 1, 'deltas end early');
  t.same(parseTransportFeedback(feedback(0, 30, [], [])), [], 'no chunk at all');
  t.same(parseTransportFeedback(feedback(0, 30, [0x2000, 0x2000], [4])), [], 'an empty run');
});
