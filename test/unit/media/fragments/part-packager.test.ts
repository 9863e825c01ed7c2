import fc from 'fast-check';
import t, { type Test } from 'tap';
import type { EncodedSample } from '#media/fragments/gdp-reader.ts';
import { type InitSegment, type Part, PartPackager } from '#media/fragments/part-packager.ts';

const avc = (codecData = '0142c01fffe100046742c01f01000268ce') =>
  `video/x-h264, codec_data=(buffer)${codecData}, width=(int)640, height=(int)360`;
const aac = 'audio/mpeg, mpegversion=(int)4, rate=(int)48000, channels=(int)2, codec_data=(buffer)1190';

interface Box {
  type: string;
  body: Buffer;
  children: Box[];
}

const containers = new Set(['moov', 'trak', 'mdia', 'minf', 'dinf', 'stbl', 'mvex', 'moof', 'traf']);

/** A reader of its own, so that the writer is not its own witness. */
function boxes(bytes: Buffer): Box[] {
  const found: Box[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (length < 8 || at + length > bytes.length) throw new Error(`bad box of ${length} at ${at}`);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const body = bytes.subarray(at + 8, at + length);
    found.push({ type, body, children: containers.has(type) ? boxes(body) : [] });
    at += length;
  }
  return found;
}

function find(from: Box[], ...path: string[]): Box[] {
  const [first, ...rest] = path;
  const here = from.filter(({ type }) => type === first);
  return rest.length === 0 ? here : here.flatMap(({ children }) => find(children, ...rest));
}

/** Track, start and samples of each traf of a part, its data read by the offsets that it names. */
function runs(part: Part) {
  const moofLength = part.bytes.readUInt32BE(0);
  return find(boxes(part.bytes), 'moof', 'traf').map(({ children }) => {
    const tfhd = find(children, 'tfhd')[0]?.body ?? Buffer.alloc(8);
    const tfdt = find(children, 'tfdt')[0]?.body ?? Buffer.alloc(12);
    const trun = find(children, 'trun')[0]?.body ?? Buffer.alloc(12);
    let offset = trun.readInt32BE(8);
    const samples = Array.from({ length: trun.readUInt32BE(4) }, (_, index) => {
      const at = 12 + index * 12;
      const size = trun.readUInt32BE(at + 4);
      const data = String(part.bytes.subarray(offset, offset + size));
      offset += size;
      return { duration: trun.readUInt32BE(at), sync: (trun.readUInt32BE(at + 8) & 0x10000) === 0, data };
    });
    return {
      track: tfhd.readUInt32BE(4),
      baseIsMoof: (tfhd.readUInt32BE(0) & 0x020000) !== 0,
      start: Number(tfdt.readBigUInt64BE(4)),
      firstDataOffset: trun.readInt32BE(8) - moofLength,
      samples,
    };
  });
}

function packager({ partMs = 200, framesPerSecond = 30, audio = false } = {}) {
  const out = { inits: [] as InitSegment[], parts: [] as Part[] };
  const parts = new PartPackager({
    partMs,
    framesPerSecond,
    audioExpected: audio,
    onInit: (init) => out.inits.push(init),
    onPart: (part) => out.parts.push(part),
  });
  return { parts, out };
}

const picture = (timeMs: number, sync = false): EncodedSample => ({
  timeNs: timeMs * 1e6,
  sync,
  bytes: Buffer.from(`p${Math.round(timeMs)};`),
});
const sound = (timeMs: number): EncodedSample => ({
  timeNs: timeMs * 1e6,
  sync: true,
  bytes: Buffer.from(`s${Math.round(timeMs)};`),
});
const frames = (count: number, { gop = 30, from = 0, fps = 30 } = {}) =>
  Array.from({ length: count }, (_, at) => picture(((from + at) * 1000) / fps, (from + at) % gop === 0));

t.test('pictures alone: parts of 200 ms, each complete with its last frame', async (t) => {
  const { parts, out } = packager();
  parts.videoCaps(avc());
  for (const frame of frames(6)) parts.video(frame);
  t.equal(out.parts.length, 1, 'the sixth frame closes the part; it need not wait for the seventh');
  for (const frame of frames(56, { from: 6 })) parts.video(frame);
  t.equal(out.inits.length, 1);
  t.match(out.inits[0], { codecs: 'avc1.42c01f', width: 640, height: 360, audio: false });
  t.same(
    out.parts.map(({ durationSeconds }) => durationSeconds),
    Array(10).fill(0.2),
  );
  t.same(
    out.parts.map(({ independent }) => independent),
    [true, false, false, false, false, true, false, false, false, false],
  );
  t.same(
    out.parts.map(({ sequence }) => sequence),
    Array.from({ length: 10 }, (_, at) => at),
  );
  t.equal(out.parts[3]?.timeNs, 600e6);
  t.same(
    out.parts.map((part) => runs(part)[0]?.start),
    Array.from({ length: 10 }, (_, at) => at * 18_000),
  );
});

t.test('a forced key frame cuts a short part before it, and only there', async (t) => {
  const { parts, out } = packager();
  parts.videoCaps(avc());
  for (let at = 0; at < 24; at += 1) parts.video(picture((at * 1000) / 30, at === 0 || at === 9));
  t.same(
    out.parts.map(({ durationSeconds, independent }) => [durationSeconds.toFixed(3), independent]),
    [
      ['0.200', true],
      ['0.100', false],
      ['0.200', true],
      ['0.200', false],
    ],
  );
});

t.test('nothing is sent before a key frame', async (t) => {
  const { parts, out } = packager();
  parts.videoCaps(avc());
  for (const frame of frames(20, { from: 11 })) parts.video(frame);
  t.equal(out.parts.length, 0);
  for (const frame of frames(6, { from: 31 })) parts.video(frame);
  t.equal(out.parts[0]?.timeNs, 1e9, 'the one at 1 s came first');
});

t.test('sound travels with the pictures of its time', async (t) => {
  const { parts, out } = packager({ audio: true });
  parts.videoCaps(avc());
  parts.video(picture(0, true));
  t.equal(out.inits.length, 0, 'the initialisation segment waits for the sound');
  parts.audioCaps(aac);
  t.match(out.inits[0], { codecs: 'avc1.42c01f,mp4a.40.2', audio: true });
  const sounds = Array.from({ length: 40 }, (_, at) => sound((at * 1024) / 48));
  for (let at = 1; at < 18; at += 1) {
    while ((sounds[0]?.timeNs ?? 1e18) <= (at * 1e9) / 30) parts.audio(sounds.shift() ?? sound(0));
    parts.video(picture((at * 1000) / 30));
  }
  t.equal(out.parts.length, 3);
  let nextSound = 0;
  for (const part of out.parts) {
    const [pictures, heard] = runs(part);
    t.match(pictures, { track: 1, baseIsMoof: true, firstDataOffset: 8 });
    t.match(heard, { track: 2, baseIsMoof: true, start: nextSound });
    t.ok(heard?.samples.every(({ duration, data }) => duration === 1024 && /^s\d+;$/.test(data)));
    t.ok(
      pictures?.samples.every(({ data }) => /^p\d+;$/.test(data)),
      'offsets lead to the right bytes',
    );
    nextSound += 1024 * (heard?.samples.length ?? 0);
  }
  t.ok(nextSound >= 0.55 * 48_000, 'no sound was lost');
});

t.test('sound that never comes is waited for 1 s at most', async (t) => {
  const { parts, out } = packager({ audio: true });
  parts.videoCaps(avc());
  for (const frame of frames(30)) parts.video(frame);
  t.equal(out.inits.length, 0);
  parts.video(picture(1000, true));
  t.match(out.inits[0], { codecs: 'avc1.42c01f', audio: false });
  t.equal(out.parts.length, 5, 'what waited is sent');
  parts.audioCaps(aac);
  parts.audio(sound(1000));
  for (const frame of frames(6, { from: 31 })) parts.video(frame);
  t.equal(runs(out.parts[5] ?? (t.fail('no part') as never)).length, 1, 'and late sound is left out');
});

/** What the playlist will say: each part goes on where the one before has ended. @returns seconds in all */
function checkSequence(t: Test, parts: readonly Part[]): number {
  let due = runs(parts[0] ?? (t.fail('no part') as never))[0]?.start ?? 0;
  const begins = due;
  for (const part of parts) {
    const [run] = runs(part);
    const ticks = run?.samples.reduce((sum, { duration }) => sum + duration, 0) ?? 0;
    if (run?.start !== due) throw new Error(`a hole: ${run?.start} instead of ${due}`);
    if (Math.abs(part.durationSeconds - ticks / 90_000) > 1e-9)
      throw new Error('a duration that is not its samples');
    due += ticks;
  }
  return (due - begins) / 90_000;
}

t.test('jitter leaves no hole between parts, and what a stall takes is counted', async (t) => {
  const { parts, out } = packager();
  parts.videoCaps(avc());
  const jitter = [0, 3, -2, 4, -4, 1, 0, -3, 2];
  let at = 0;
  for (; at < 60; at += 1) parts.video(picture((at * 1000) / 30 + (jitter[at % 9] ?? 0), at % 30 === 0));
  const seconds = checkSequence(t, out.parts);
  t.ok(Math.abs(seconds - at / 30) < 0.3, 'time does not drift from the clock');
  t.ok(
    out.parts.every(({ durationSeconds }) => durationSeconds <= 0.21),
    'and no part exceeds its target',
  );
  for (let frame = 90; frame < 103; frame += 1) parts.video(picture((frame * 1000) / 30, frame === 90));
  t.ok(Math.abs(checkSequence(t, out.parts) - 103 / 30) < 0.01, 'the second of nothing is in the durations');
  const long = out.parts.filter(({ durationSeconds }) => durationSeconds > 0.21);
  t.equal(long.length, 1, 'in one part');
  t.ok(long[0]?.independent, 'that of the key frame after it');
  t.equal(long[0]?.timeNs, Math.round(((runs(long[0] as Part)[0]?.start ?? 0) * 1e9) / 90_000));
});

t.test('parts reach 85 % of their target however irregular the frames are', (t) => {
  let cut = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(15, 24, 25, 30, 50),
      fc.array(
        fc.record({ skips: fc.constantFrom(0, 0, 0, 1, 2, 4), jitterMs: fc.integer({ min: -6, max: 6 }) }),
        {
          minLength: 100,
          maxLength: 200,
        },
      ),
      fc.integer({ min: 7, max: 60 }),
      (framesPerSecond, gaps, gop) => {
        const { parts, out } = packager({ framesPerSecond });
        parts.videoCaps(avc());
        const frameMs = 1_000 / framesPerSecond;
        let slot = 0;
        let frame = 0;
        for (const { skips, jitterMs } of gaps) {
          parts.video(picture(slot * frameMs + 10 + (jitterMs * frameMs) / 40, frame % gop === 0));
          frame += 1;
          slot += 1 + skips;
        }
        checkSequence(t, out.parts);
        const wholeSeconds = Math.max(1, Math.floor(0.2 * framesPerSecond + 1e-6)) / framesPerSecond;
        const target = 1.05 * wholeSeconds;
        out.parts.forEach(({ durationSeconds, independent }, at) => {
          const endsSegment = out.parts[at + 1]?.independent ?? true;
          cut += 1;
          if (!independent && !endsSegment && durationSeconds < 0.85 * target)
            throw new Error(`${durationSeconds} s of ${target} s`);
        });
      },
    ),
    { numRuns: 25, endOnFailure: true },
  );
  t.ok(cut > 500, `${cut} parts`);
  t.end();
});

t.test('at any frame rate a part has a frame, and no more than fit', async (t) => {
  for (const [framesPerSecond, partMs, expected] of [
    [60, 200, 12],
    [50, 200, 10],
    [29, 200, 5],
    [25, 200, 5],
    [24, 333, 7],
    [15, 200, 3],
    [5, 200, 1],
    [1, 200, 1],
    [120, 50, 6],
  ] as const) {
    const { parts, out } = packager({ framesPerSecond, partMs });
    parts.videoCaps(avc());
    for (const frame of frames(expected * 4, { gop: 100_000, fps: framesPerSecond })) parts.video(frame);
    const counts = out.parts.map((part) => runs(part)[0]?.samples.length);
    t.same(counts, Array(4).fill(expected), `${framesPerSecond}/s in ${partMs} ms`);
  }
});

t.test('the initialisation segment', async (t) => {
  const { parts, out } = packager({ audio: true });
  parts.videoCaps(avc());
  parts.audioCaps(aac);
  parts.video(picture(0, true));
  const top = boxes(out.inits[0]?.bytes ?? Buffer.alloc(0));
  t.same(
    top.map(({ type }) => type),
    ['ftyp', 'moov'],
  );
  t.equal(find(top, 'moov', 'trak').length, 2);
  t.equal(find(top, 'moov', 'mvex', 'trex').length, 2);
  const timescales = find(top, 'moov', 'trak', 'mdia', 'mdhd').map(({ body }) => body.readUInt32BE(12));
  t.same(timescales, [90_000, 48_000]);
  const entries = find(top, 'moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd').map(({ body }) => body);
  t.ok(entries[0]?.includes(Buffer.from('0142c01fffe100046742c01f01000268ce', 'hex')), 'avcC as it came');
  t.ok(entries[1]?.includes(Buffer.from('05021190', 'hex')), 'AudioSpecificConfig in its descriptor');
});

t.test('other parameter sets in mid-stream are an error, the same again are not', async (t) => {
  const { parts } = packager();
  parts.videoCaps(avc());
  parts.videoCaps(avc());
  t.throws(() => parts.videoCaps(avc('0142c028ffe100046742c02801000268ce')), { message: /parameter sets/ });
  parts.videoCaps('video/x-raw');
});

t.test('memory stays bounded whatever one side does', async (t) => {
  const { parts, out } = packager({ audio: true });
  parts.videoCaps(avc());
  parts.audioCaps(aac);
  for (let at = 0; at < 5_000; at += 1) parts.audio(sound((at * 1024) / 48));
  parts.video(picture(0, true));
  for (const frame of frames(5, { from: 1 })) parts.video(frame);
  t.ok((out.parts[0]?.bytes.length ?? 1e9) < 10_000);
});
