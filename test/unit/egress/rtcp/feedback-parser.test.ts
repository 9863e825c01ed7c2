import fc from 'fast-check';
import t from 'tap';
import { type FeedbackSink, parseFeedback } from '#egress/rtcp/feedback-parser.ts';
import { encodeGoodbye } from '#egress/rtcp/goodbye.ts';
import { encodeSenderReport } from '#egress/rtcp/sender-report.ts';

/** One RTCP packet: count or format, type, and the rest as 32-bit words. */
function rtcp(count: number, type: number, ...words: number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * words.length);
  bytes[0] = 0x80 | count;
  bytes[1] = type;
  bytes.writeUInt16BE(words.length, 2);
  for (const [at, word] of words.entries()) bytes.writeUInt32BE(word >>> 0, 4 + 4 * at);
  return bytes;
}

function heard(bytes: Buffer): unknown[] {
  const said: unknown[] = [];
  const sink: FeedbackSink = {
    pictureLost: (ssrc) => said.push(['pictureLost', ssrc]),
    packetMissing: (ssrc, sequence) => said.push(['packetMissing', ssrc, sequence]),
    lossReported: (ssrc, fraction) => said.push(['lossReported', ssrc, fraction]),
    transportFeedback: (packet) => said.push(['transportFeedback', packet.length]),
    receiverEstimate: (kbps) => said.push(['receiverEstimate', kbps]),
  };
  parseFeedback(bytes, sink);
  return said;
}

const reportBlock = (ssrc: number, fraction: number): number[] => [ssrc, fraction << 24, 0, 0, 0, 0];

t.test('each kind of feedback', async (t) => {
  const table: [string, Buffer, unknown[]][] = [
    ['PLI', rtcp(1, 206, 9, 77), [['pictureLost', 77]]],
    [
      'FIR for two streams',
      rtcp(4, 206, 9, 0, 77, 0, 78, 0),
      [
        ['pictureLost', 77],
        ['pictureLost', 78],
      ],
    ],
    ['NACK', rtcp(1, 205, 9, 77, 0xffff_0000), [['packetMissing', 77, 0xffff]]],
    [
      'NACK with following packets, over the wrap-around',
      rtcp(1, 205, 9, 77, 0xfffe_0005),
      [
        ['packetMissing', 77, 0xfffe],
        ['packetMissing', 77, 0xffff],
        ['packetMissing', 77, 1],
      ],
    ],
    [
      'receiver report of two streams',
      rtcp(2, 201, 9, ...reportBlock(77, 64), ...reportBlock(78, 0)),
      [
        ['lossReported', 77, 0.25],
        ['lossReported', 78, 0],
      ],
    ],
    [
      'sender report with a block',
      rtcp(1, 200, 9, 0, 0, 0, 0, 0, ...reportBlock(77, 128)),
      [['lossReported', 77, 0.5]],
    ],
    ['transport-wide feedback, whole', rtcp(15, 205, 9, 77, 1, 2), [['transportFeedback', 20]]],
    ['REMB', rtcp(15, 206, 9, 0, 0x52454d42, 0x010a_03e8), [['receiverEstimate', 528.288]]],
    ['REMB cut short', rtcp(15, 206, 9, 0, 0x52454d42), []],
    ['another application', rtcp(15, 206, 9, 0, 0x41424344, 0), []],
    ['goodbye: passed over', rtcp(1, 203, 9), []],
    [
      'a compound of report, description and PLI',
      Buffer.concat([rtcp(1, 201, 9, ...reportBlock(77, 0)), rtcp(1, 202, 9, 0), rtcp(1, 206, 9, 77)]),
      [
        ['lossReported', 77, 0],
        ['pictureLost', 77],
      ],
    ],
  ];
  for (const [name, bytes, said] of table) t.same(heard(bytes), said, name);
});

t.test('lengths that lie end the reading', async (t) => {
  const pli = rtcp(1, 206, 9, 77);
  const tooLong = Buffer.from(pli);
  tooLong.writeUInt16BE(200, 2);
  t.same(heard(tooLong), []);
  t.same(heard(pli.subarray(0, 8)), []);
  t.same(heard(rtcp(1, 206)), [], 'a PLI without its fields');
  t.same(
    heard(rtcp(31, 201, 9, ...reportBlock(77, 0))),
    [['lossReported', 77, 0]],
    '31 blocks said, one there',
  );
  t.same(heard(Buffer.concat([Buffer.from([0x40, 206, 0, 2]), pli])), [], 'version 1');
});

t.test('no bytes of a stranger throw, or make more of themselves than they hold', async (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 1_500 }),
      (bytes) => heard(Buffer.from(bytes)).length <= bytes.length * 17,
    ),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(
      fc.constantFrom(200, 201, 205, 206),
      fc.nat(31),
      fc.uint8Array({ maxLength: 200 }),
      (type, count, rest) => {
        const bytes = Buffer.concat([
          Buffer.from([0x80 | count, type, 0, rest.length >> 2]),
          Buffer.from(rest),
        ]);
        heard(bytes);
        return true;
      },
    ),
  );
  t.pass('held');
});

t.test('a sender report and its CNAME', async (t) => {
  const report = {
    ssrc: 0xfedc_ba98,
    cname: 'onair',
    wallClockMs: Date.UTC(1970, 0, 1, 0, 0, 1) + 500,
    rtpTimestamp: 0xffff_ffff,
    packets: 3,
    octets: 4,
  };
  const bytes = encodeSenderReport(report);
  t.equal(bytes.length % 4, 0);
  t.equal(bytes.readUInt16BE(2), 6, 'seven words');
  t.equal(bytes.readUInt32BE(4), report.ssrc);
  t.equal(bytes.readUInt32BE(8), 2_208_988_801, 'seconds since 1900');
  t.equal(bytes.readUInt32BE(12), 2 ** 31, 'and a half');
  t.equal(bytes.readUInt32BE(16), 0xffff_ffff);
  const description = bytes.subarray(28);
  t.equal(description[1], 202);
  t.equal(4 * (description.readUInt16BE(2) + 1), description.length);
  t.equal(description.readUInt32BE(4), report.ssrc);
  t.equal(String(description.subarray(10, 15)), 'onair');
  t.equal(description[15], 0, 'ended by a zero');
});

t.test('goodbye of two streams', async (t) => {
  t.equal(
    encodeGoodbye([0x01020304, 0xfffefdfc]).toString('hex'),
    '80c900010102030482cb000201020304fffefdfc',
  );
});
