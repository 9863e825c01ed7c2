import t from 'tap';
import { sizeOfAvc, sizeOfHevc } from '#media/ingest/picture-size.ts';
import { decodeAmf, encodeAmf } from '#media/ingest/rtmp/amf0.ts';
import { ChunkReader, encodeChunks, type RtmpMessage } from '#media/ingest/rtmp/chunks.ts';
import { readPictureTag, readSoundTag } from '#media/ingest/rtmp/flv-tags.ts';
import { encodePicture, StreamReader, streamMessage } from '#media/ingest/stream-protocol.ts';
import { StreamTime } from '#media/ingest/stream-time.ts';

function reader(maxMessageBytes = 100_000) {
  const messages: RtmpMessage[] = [];
  return {
    messages,
    reader: new ChunkReader({ maxMessageBytes, onMessage: (message) => messages.push(message) }),
  };
}

t.test('messages come out of chunks however the bytes are cut', async (t) => {
  const body = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index & 0xff));
  const sent = [
    { type: 9, streamId: 1, timestamp: 40, body },
    { type: 8, streamId: 1, timestamp: 41, body: body.subarray(0, 10) },
  ];
  const bytes = Buffer.concat(sent.map((message, index) => encodeChunks(4 + index, message, 128)));
  for (const step of [1, 7, 128, bytes.length]) {
    const { messages, reader: chunks } = reader();
    for (let at = 0; at < bytes.length; at += step) chunks.push(bytes.subarray(at, at + step));
    t.same(messages, sent, `by ${step}`);
  }
});

t.test('heads that leave out what is the same, and extended time stamps', async (t) => {
  const { messages, reader: chunks } = reader();
  const long = Buffer.alloc(200, 7);
  // Format 0 with an extended time stamp, its second chunk with and the next message's without repeating it.
  chunks.push(Buffer.from('04ffffff0000c809010000000100000001'.slice(0, 24), 'hex'));
  chunks.push(Buffer.concat([Buffer.from('01000000', 'hex'), long.subarray(0, 128)]));
  chunks.push(Buffer.concat([Buffer.from('c401000000', 'hex'), long.subarray(128)]));
  // Format 2: 10 ms later; format 3: 10 ms more.
  chunks.push(Buffer.concat([Buffer.from('8400000a', 'hex'), long.subarray(0, 128)]));
  chunks.push(Buffer.concat([Buffer.from('c4', 'hex'), long.subarray(128)]));
  chunks.push(Buffer.concat([Buffer.from('c4', 'hex'), long.subarray(0, 128)]));
  chunks.push(Buffer.concat([Buffer.from('c4', 'hex'), long.subarray(128)]));
  t.same(
    messages.map(({ timestamp, body }) => [timestamp, body.length]),
    [
      [0x0100_0000, 200],
      [0x0100_000a, 200],
      [0x0100_0014, 200],
    ],
  );
});

t.test('what would cost memory, or makes no sense, is refused', async (t) => {
  const refused: Record<string, Buffer> = {
    'too long': encodeChunks(4, { type: 9, streamId: 1, timestamp: 0, body: Buffer.alloc(2_000) }, 128),
    'mid-message': Buffer.from([0xc4, 0]),
    'too many streams': Buffer.concat(
      Array.from({ length: 17 }, (_, id) =>
        encodeChunks(3 + id, { type: 9, streamId: 1, timestamp: 0, body: Buffer.alloc(200) }, 128).subarray(
          0,
          140,
        ),
      ),
    ),
    'chunks of nothing': encodeChunks(2, { type: 1, streamId: 0, timestamp: 0, body: Buffer.alloc(4) }, 128),
  };
  for (const [what, bytes] of Object.entries(refused))
    t.throws(() => reader(1_000).reader.push(bytes), RangeError, what);
  for (const bytes of ['0a7fffffff', '02ffff61', '0303030303'])
    t.throws(() => decodeAmf(Buffer.from(bytes, 'hex')), RangeError, bytes);
  t.throws(() => new StreamReader(() => {}).push(Buffer.from('ffffffff01', 'hex')), RangeError);
});

t.test('AMF 0 there and back', async (t) => {
  const values = ['connect', 1, { app: 'live', video: true, list: ['avc1', 2], none: null }, undefined];
  t.same(decodeAmf(encodeAmf(values)), values);
});

t.test('tags of FLV and of Enhanced RTMP', async (t) => {
  const read = (hex: string) => readPictureTag(Buffer.from(hex, 'hex'));
  t.match(read('170000000001'), { kind: 'configuration', codec: 'h264' });
  t.match(read('2701ffffd8aa'), { kind: 'frame', codec: 'h264', isKeyFrame: false, compositionMs: -40 });
  t.match(read('9068766331aa'), { kind: 'configuration', codec: 'h265' });
  t.match(read('9168766331000014aa'), { kind: 'frame', codec: 'h265', isKeyFrame: true, compositionMs: 20 });
  t.match(read('a361766331aa'), { kind: 'frame', codec: 'h264', isKeyFrame: false, compositionMs: 0 });
  t.match(read('2200'), { kind: 'unsupported', codec: 'H.263' });
  t.match(read('9061626364'), { kind: 'unsupported', codec: 'abcd' });
  t.match(read(''), { kind: 'nothing' });
  t.match(readSoundTag(Buffer.from('af001210', 'hex')), { kind: 'configuration', codec: 'aac' });
  t.match(readSoundTag(Buffer.from('914f707573aa', 'hex')), { kind: 'frame', codec: 'opus' });
  t.match(readSoundTag(Buffer.from('b200', 'hex')), { kind: 'unsupported', codec: 'Speex' });
});

t.test('how large pictures are, from their configurations', async (t) => {
  // As x264 wrote it for 640x360, and x265.
  const avc = Buffer.from(
    '0142c01effe1001a6742c01ed900a02ff9610000030001000003001e8f162e4801000568cb83cb20',
    'hex',
  );
  t.same(sizeOfAvc(avc), { width: 640, height: 368 });
  t.equal(sizeOfAvc(avc.subarray(0, 12)), null);
  const hevc = Buffer.from(
    '0104080000009e08000000003ff000fcfff8f800000f01a10001002d4201010408000003009e0800000300003f9000a0402d2cb2b349265780b7020200040000030004000003001420',
    'hex',
  );
  t.same(sizeOfHevc(hevc), { width: 640, height: 360 });
  t.equal(sizeOfHevc(hevc.subarray(0, 40)), null);
});

t.test('time stamps run over, begin again and jump: the line goes on', async (t) => {
  const time = new StreamTime();
  t.same(
    [2 ** 32 - 20, 2 ** 32 - 10, 0, 10, 5].map((stamp) => time.at(stamp)),
    [0, 10, 20, 30, 25],
  );
  t.equal(time.at(1_000_000), 26, 'a jump');
  t.equal(time.at(1_000_040), 66);
  t.equal(time.at(0), 67, 'begun again');
});

t.test('the ingest’s own messages, cut anywhere', async (t) => {
  const bytes = Buffer.concat([
    encodePicture(true, 12.5, Buffer.from('abc')),
    encodePicture(false, 13, Buffer.alloc(0)),
  ]);
  const heard: string[] = [];
  const stream = new StreamReader((type, body) => {
    t.equal(type, streamMessage.picture);
    heard.push(`${body[0]} ${body.readDoubleLE(1)} ${body.subarray(9)}`);
  });
  for (const byte of bytes) stream.push(Buffer.from([byte]));
  t.same(heard, ['1 12.5 abc', '0 13 ']);
});
