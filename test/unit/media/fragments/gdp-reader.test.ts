import t from 'tap';
import { audioTrack, codecsOf, videoTrack } from '#media/fragments/caps.ts';
import { type EncodedSample, GdpReader } from '#media/fragments/gdp-reader.ts';

const deltaUnit = 0x2000;
const noTime = 0xffff_ffff_ffff_ffffn;

/** A packet as gst/gdp/dataprotocol.c writes it. */
function packet(type: number, payload: Buffer, { pts = noTime, flags = 0, version = 1 } = {}): Buffer {
  const header = Buffer.alloc(62);
  header[0] = version;
  header.writeUInt16BE(type, 4);
  header.writeUInt32BE(payload.length, 6);
  header.writeBigUInt64BE(pts, 10);
  header.writeUInt16BE(flags, 42);
  return Buffer.concat([header, payload]);
}
const text = (type: number, words: string) => packet(type, Buffer.from(`${words}\0`));
const buffer = (pts: bigint, bytes: string, flags = 0) => packet(1, Buffer.from(bytes), { pts, flags });

// As GStreamer 1.22 writes it for x264enc, whose PTS begin at 1,000 hours.
const segment = text(
  64 + 0x464e,
  'GstEventSegment, segment=(GstSegment)"segment, flags=(GstSegmentFlags)GST_SEGMENT_FLAG_NONE, rate=(double)1, applied-rate=(double)1, format=(GstFormat)time, base=(guint64)2000, offset=(guint64)0, start=(guint64)3600000000000000, stop=(guint64)18446744073709551615, time=(guint64)0;";',
);

function reader() {
  const heard: { caps: string[]; samples: EncodedSample[] } = { caps: [], samples: [] };
  const gdp = new GdpReader(
    { caps: (caps) => heard.caps.push(caps), sample: (sample) => heard.samples.push(sample) },
    { maxSampleBytes: 1000 },
  );
  return { gdp, heard };
}

t.test('caps, segment and frames, however the bytes are cut', async (t) => {
  const stream = Buffer.concat([
    text(64 + 0x284e, 'GstEventStreamStart, stream-id=(string)x;'),
    text(2, 'video/x-h264, width=(int)640'),
    segment,
    buffer(3_600_000_000_000_000n, 'key'),
    buffer(3_600_000_033_333_333n, 'delta', deltaUnit),
  ]);
  for (const size of [1, 7, 61, 62, 63, stream.length]) {
    const { gdp, heard } = reader();
    for (let at = 0; at < stream.length; at += size) gdp.push(stream.subarray(at, at + size));
    t.same(heard.caps, ['video/x-h264, width=(int)640'], `caps in pieces of ${size}`);
    t.same(
      heard.samples.map(({ timeNs, sync, bytes }) => [timeNs, sync, String(bytes)]),
      [
        [2_000, true, 'key'],
        [33_335_333, false, 'delta'],
      ],
      `frames in pieces of ${size}`,
    );
  }
});

t.test('a frame without a time, or without bytes, is left out', async (t) => {
  const { gdp, heard } = reader();
  gdp.push(Buffer.concat([buffer(noTime, 'header'), buffer(5n, '')]));
  t.same(heard.samples, []);
});

t.test('hostile or torn bytes end in an error, never in memory', async (t) => {
  t.throws(
    () => reader().gdp.push(packet(1, Buffer.alloc(0), { version: 0 })),
    { message: /version 0\.0/ },
    'another version',
  );
  t.throws(() => reader().gdp.push(Buffer.alloc(62, 0xff)), { message: /version 255/ }, 'no GDP at all');
  const huge = packet(1, Buffer.alloc(0));
  huge.writeUInt32BE(1001, 6);
  t.throws(
    () => reader().gdp.push(huge),
    { message: /1001 bytes/ },
    'a frame that is too large, by its header alone',
  );
  const wordy = packet(2, Buffer.alloc(0));
  wordy.writeUInt32BE(70_000, 6);
  t.throws(() => reader().gdp.push(wordy), { message: /70000 bytes/ }, 'caps that are too large');
  t.throws(
    () => reader().gdp.push(text(64 + 0x464e, 'GstEventSegment, start=?;')),
    { message: /without start/ },
    'no start',
  );
  const torn = reader();
  torn.gdp.push(buffer(1n, 'abc').subarray(0, 64));
  t.same(torn.heard.samples, [], 'half a frame is no frame');
});

t.test('caps become tracks', async (t) => {
  const avc =
    'video/x-h264, codec_data=(buffer)0142c015ffe1001c6742c015, stream-format=(string)avc, alignment=(string)au, width=(int)320, height=(int)240, framerate=(fraction)30/1';
  const aac =
    'audio/mpeg, mpegversion=(int)4, channels=(int)2, rate=(int)48000, stream-format=(string)raw, codec_data=(buffer)1190';
  const video = videoTrack(avc);
  const audio = audioTrack(aac);
  t.match(video, { width: 320, height: 240 });
  t.match(audio, { sampleRate: 48_000, channels: 2 });
  if (video === null || audio === null) return t.fail('both must be tracks');
  t.equal(codecsOf(video, audio), 'avc1.42c015,mp4a.40.2');
  t.equal(codecsOf(video, null), 'avc1.42c015');
  t.equal(videoTrack(aac), null, 'sound is no picture');
  t.equal(videoTrack(avc.replace('codec_data', 'codec_date')), null, 'no parameter sets');
  t.equal(audioTrack(avc), null);
  t.equal(audioTrack(aac.replace('1190', '11'.repeat(65))), null, 'a configuration beyond any real one');
});
