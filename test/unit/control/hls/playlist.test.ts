import t, { type Test } from 'tap';
import { acceptAll, Feed, newOrigin } from '#test/support/hls-feed.ts';
import { HlsServer } from '#test/support/hls-server.ts';

const header = (
  mediaSequence: number,
  discontinuitySequence: number,
  partTarget = 0.21,
  target = 1,
) => `#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:${target}
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=${6 * target},HOLD-BACK=${3 * target},PART-HOLD-BACK=${Number((3 * partTarget).toFixed(5))}
#EXT-X-PART-INF:PART-TARGET=${partTarget}
#EXT-X-MEDIA-SEQUENCE:${mediaSequence}
#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuitySequence}
`;

async function start(t: Test, ...setup: Parameters<typeof newOrigin>) {
  const made = newOrigin(...setup);
  const server = await new HlsServer(made.origin).start();
  t.teardown(async () => {
    made.origin.close();
    await server.close();
  });
  made.origin.begin();
  const playlist = async () => {
    const { answer, handled, abort } = server.ask('media.m3u8?_HLS_msn=0');
    await handled;
    if (made.origin.waiting === 0) return (await answer).text;
    abort();
    return 'waits';
  };
  return { ...made, server, playlist };
}

t.test(
  'the first segment ends at the first key frame, which is asked for: players need a whole one',
  async (t) => {
    const { origin, clock, playlist, server } = await start(t);
    let wanted = 0;
    origin.events.on('keyFrameWanted', () => {
      wanted += 1;
    });
    const feed = new Feed(clock);
    origin.accept(feed.part(true));
    t.equal(wanted, 0, 'without an init section a key frame is of no use');
    acceptAll(origin, [feed.init(), feed.part(false)]);
    t.equal(wanted, 1, 'to begin with');
    acceptAll(origin, [feed.part(true), feed.part(false)]);
    t.equal(wanted, 3, 'and to end with');
    const pending = server.ask('media.m3u8');
    await pending.handled;
    t.equal(origin.waiting, 1);
    acceptAll(origin, [feed.part(true), feed.part(false), feed.part(true)]);
    t.equal(wanted, 3);
    t.match(await pending.answer, { status: 200 });
    t.equal(
      await playlist(),
      `${header(100, 6)}#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-100.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05.400Z
#EXT-X-PART:DURATION=0.2,URI="part-100-0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.2,URI="part-100-1.m4s"
#EXTINF:0.4,
segment-100.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05.800Z
#EXT-X-PART:DURATION=0.2,URI="part-100-2.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.2,URI="part-100-3.m4s"
#EXT-X-PART:DURATION=0.2,URI="part-100-4.m4s",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-100-5.m4s"
`,
      'the second is as long as it should be',
    );
  },
);

t.test('a segment ends where the next one begins, at a key frame', async (t) => {
  const { origin, clock, playlist, server } = await start(t);
  const feed = new Feed(clock);
  acceptAll(origin, [feed.init(), ...feed.seconds(1), feed.part(true), feed.part(false)]);
  t.equal(
    await playlist(),
    `${header(100, 6)}#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-100.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05.000Z
#EXT-X-PART:DURATION=0.2,URI="part-100-0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.2,URI="part-100-1.m4s"
#EXT-X-PART:DURATION=0.2,URI="part-100-2.m4s"
#EXT-X-PART:DURATION=0.2,URI="part-100-3.m4s"
#EXT-X-PART:DURATION=0.2,URI="part-100-4.m4s"
#EXTINF:1,
segment-100.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:06.000Z
#EXT-X-PART:DURATION=0.2,URI="part-100-5.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.2,URI="part-100-6.m4s"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-100-7.m4s"
`,
  );
  const segment = await server.get('segment-100.m4s');
  t.equal(segment.text, 'first 0;first 1;first 2;first 3;first 4;', 'a segment is its parts');
  t.equal((await server.get('part-100-6.m4s')).text, 'first 6;');
  t.equal((await server.get('init-100.mp4')).text, 'init of first');
});

t.test('the window slides; parts are listed for three target durations', async (t) => {
  const { origin, clock, playlist, server } = await start(t);
  const feed = new Feed(clock);
  acceptAll(origin, [feed.init(), ...feed.seconds(20), feed.part(true)]);
  const text = await playlist();
  t.equal(text.slice(0, text.indexOf('#EXT-X-IND')), header(114, 7), 'the removed discontinuity is counted');
  const segments = text.match(/^segment-.*/gm);
  t.same(
    segments,
    [114, 115, 116, 117, 118, 119].map((n) => `segment-${n}.m4s`),
    'six seconds',
  );
  t.notMatch(text, /DISCONTINUITY\n/);
  t.match(
    text,
    /MAP:URI="init-100.mp4"\n.*TIME:2026-01-02T03:04:19.000Z\n#EXTINF:1,\nsegment-114/,
    'MAP stays',
  );
  const parts = text.match(/URI="part-100-\d+/g) ?? [];
  t.equal(parts[0], 'URI="part-100-85', 'the segment that ends 2.2 s before the end is the third last');
  t.equal(parts.length, 3 * 5 + 1 + 1, 'three segments, the growing part and the hint');

  const retained = async (name: string) => (await server.get(name)).status === 200;
  t.ok(await retained('segment-113.m4s'), 'what has just left can still be had');
  t.ok(await retained('part-100-65.m4s'), 'and its parts');
  t.notOk(await retained('segment-110.m4s'), 'not for ever');
  t.notOk(await retained('part-100-50.m4s'));
  t.ok(await retained('init-100.mp4'));
  t.match(origin.reach, { firstSequence: 114, lastSequence: 120, durationSeconds: 6.2 });
  t.equal((origin.reach?.toMs ?? 0) - (origin.reach?.fromMs ?? 0), 6_200);
});

t.test(
  'a part can be had for three target durations after it was last listed (rfc8216bis 6.2.2)',
  async (t) => {
    const { origin, clock, playlist, server } = await start(t, {
      keyFrameIntervalSeconds: 2,
      segmentMs: 2_000,
    });
    const feed = new Feed(clock);
    const group = () => Array.from({ length: 10 }, (_, index) => feed.part(index === 0));
    acceptAll(origin, [feed.init(), ...Array.from({ length: 15 }, group).flat()]); // 150 parts, 30 s
    t.match(await playlist(), /SEQUENCE:111\n(.*\n)*?.*URI="part-100-110/, 'listed: 8 s');
    t.equal((await server.get('part-100-80.m4s')).status, 200, 'to be had: 14 s');
    t.equal((await server.get('part-100-79.m4s')).status, 404);
  },
);

t.test('a short part ends its segment', async (t) => {
  const { origin, clock, playlist } = await start(t, { segmentMs: 2_000, keyFrameIntervalSeconds: 0.5 });
  const feed = new Feed(clock);
  const group = () => [feed.part(true), feed.part(false), feed.part(false, 0.1)];
  acceptAll(origin, [feed.init(), ...group(), ...group(), feed.part(true)]);
  const text = await playlist();
  t.same(text.match(/^#EXTINF.*/gm), ['#EXTINF:0.5,', '#EXTINF:0.5,']);
  t.match(text, /DURATION=0.1,URI="part-100-2.m4s"\n#EXTINF/);
});

t.test('an independent short part need not end it (rfc8216bis 4.4.4.9)', async (t) => {
  const { origin, clock, playlist } = await start(t, { partMs: 1_000, segmentMs: 2_000 });
  const feed = new Feed(clock);
  const parts = Array.from({ length: 6 }, () => feed.part(true, 0.5));
  acceptAll(origin, [feed.init(), ...parts]);
  t.same((await playlist()).match(/^#EXTINF.*/gm), ['#EXTINF:0.5,', '#EXTINF:2,']);
});

const targets = [
  { is: 'as configured', segmentMs: 1_000, keyFrameIntervalSeconds: 1, target: 1 },
  { is: 'rounded up to whole groups', segmentMs: 2_000, keyFrameIntervalSeconds: 1.5, target: 3 },
  { is: 'at least one group', segmentMs: 1_000, keyFrameIntervalSeconds: 10, target: 10 },
  { is: 'at least one second', segmentMs: 500, keyFrameIntervalSeconds: 0.5, target: 1 },
  { is: 'rounded up to whole seconds', segmentMs: 500, keyFrameIntervalSeconds: 1.2, target: 2 },
];
for (const { is, target, ...overrides } of targets) {
  t.test(`target duration ${is}: ${target} s`, async (t) => {
    const { origin, clock, playlist } = await start(t, overrides);
    const feed = new Feed(clock);
    acceptAll(origin, [feed.init(), feed.part(true), feed.part(true)]);
    t.ok((await playlist()).startsWith(header(100, 6, 0.21, target)));
  });
}

const partTargets = [
  { is: 'a twentieth above the first part', partMs: 200, first: 0.2, partTarget: 0.21 },
  { is: 'that of what 25 frames a second allow', partMs: 100, first: 0.08, partTarget: 0.084 },
  {
    is: 'that of what was asked for after a stunted first part',
    partMs: 200,
    first: 0.033,
    partTarget: 0.21,
  },
  { is: 'long enough for an overlong first part', partMs: 200, first: 0.3, partTarget: 0.3 },
];
for (const { is, partMs, first, partTarget } of partTargets) {
  t.test(`part target is ${is}`, async (t) => {
    const { origin, clock, playlist } = await start(t, { partMs });
    const feed = new Feed(clock);
    acceptAll(origin, [feed.init(), feed.part(true, first), feed.part(true, first)]);
    t.ok((await playlist()).startsWith(header(100, 6, partTarget)));
  });
}

t.test('a stalled source raises the targets only while its part and its segment are listed', async (t) => {
  const { origin, clock, playlist } = await start(t, { windowSeconds: 12 });
  const feed = new Feed(clock);
  const tags = async () => (await playlist()).match(/(PART-TARGET=|TARGETDURATION:)[\d.]+/g);
  acceptAll(origin, [feed.init(), ...feed.seconds(2), feed.part(true), feed.part(false, 1.4)]);
  t.same(await tags(), ['TARGETDURATION:1', 'PART-TARGET=1.4']);
  acceptAll(origin, feed.seconds(1));
  t.same(await tags(), ['TARGETDURATION:2', 'PART-TARGET=1.4'], 'the segment was 1.6 s long');
  acceptAll(origin, feed.seconds(6));
  t.same(await tags(), ['TARGETDURATION:2', 'PART-TARGET=0.21']);
  acceptAll(origin, feed.seconds(6));
  t.same(await tags(), ['TARGETDURATION:1', 'PART-TARGET=0.21']);
});

t.test('a new pipeline is a discontinuity with a new init section', async (t) => {
  const { origin, clock, playlist, server } = await start(t);
  const feed = new Feed(clock);
  acceptAll(origin, [feed.init(), ...feed.seconds(1), feed.part(true)]);
  clock.advance(500);
  const second = new Feed(clock, 'second');
  acceptAll(origin, [second.init(), second.part(false), feed.part(false)]);
  t.notMatch(await playlist(), /init-101|init-102/, 'nothing yet that a player could begin with');
  acceptAll(origin, [second.part(true), second.part(false)]);
  t.match(
    await playlist(),
    `#EXTINF:0.2,
segment-101.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-102.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:07.100Z
#EXT-X-PART:DURATION=0.2,URI="part-100-6.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.2,URI="part-100-7.m4s"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-100-8.m4s"
`,
  );
  t.equal((await server.get('init-102.mp4')).text, 'init of second');
  t.equal((await server.get('part-100-6.m4s')).text, 'second 1;');

  acceptAll(origin, [...second.seconds(7), second.part(true)]);
  t.match(await playlist(), /SEQUENCE:103\n#EXT-X-DISCONTINUITY-SEQUENCE:8\n/, 'both are counted');
  acceptAll(origin, second.seconds(9));
  t.equal((await server.get('init-100.mp4')).status, 404, 'the old init section goes with its last segment');
});

t.test('lost fragments are a discontinuity too, from the next key frame on', async (t) => {
  const { origin, clock, playlist } = await start(t);
  const feed = new Feed(clock);
  acceptAll(origin, [feed.init(), feed.part(true), feed.part(false)]);
  feed.lose();
  acceptAll(origin, [feed.part(false)]);
  t.equal(origin.advancedAtMs, clock.monotonicMs() - 400, 'what no player can use is no advance');
  acceptAll(origin, [feed.part(false), feed.part(true)]);
  t.match(
    await playlist(),
    `#EXTINF:0.4,
segment-100.m4s
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:06.000Z
#EXT-X-PART:DURATION=0.2,URI="part-100-2.m4s",INDEPENDENT=YES
`,
    'the same init section still holds',
  );
  t.equal(origin.advancedAtMs, clock.monotonicMs());
});

t.test('an init section said again, or parts of somebody else, change nothing', async (t) => {
  const { origin, clock, playlist } = await start(t);
  const feed = new Feed(clock);
  acceptAll(origin, [feed.init(), ...feed.seconds(1), feed.part(true)]);
  const before = await playlist();
  acceptAll(origin, [feed.init(), new Feed(clock, 'stranger').part(true)]);
  t.equal(await playlist(), before);
  acceptAll(origin, [feed.init(), feed.part(false)]);
  t.equal((await playlist()).match(/#EXT-X-DISCONTINUITY\n/g)?.length, 1);
});

t.test('a pipeline that begins again under its old name', async (t) => {
  const { origin, clock, playlist } = await start(t);
  const feed = new Feed(clock);
  acceptAll(origin, [feed.init(), ...feed.seconds(1)]);
  const again = new Feed(clock);
  acceptAll(origin, [again.init(), again.part(true)]);
  t.match(await playlist(), /segment-100.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM/);
});

t.test(
  'a source without key frames: the segment ends all the same, and is not called independent',
  async (t) => {
    const { origin, clock, playlist } = await start(t);
    const feed = new Feed(clock);
    acceptAll(origin, [
      feed.init(),
      feed.part(true, 1),
      ...Array.from({ length: 25 }, () => feed.part(false, 1)),
    ]);
    const text = await playlist();
    t.match(text, /#EXT-X-TARGETDURATION:20\n/);
    t.notMatch(text, /INDEPENDENT-SEGMENTS/);
    t.match(text, /#EXTINF:20,\nsegment-100.m4s\n/);
  },
);

t.test('after the end: ENDLIST, then nothing', async (t) => {
  const { origin, clock, playlist, server } = await start(t);
  const feed = new Feed(clock);
  acceptAll(origin, [feed.init(), ...feed.seconds(2), feed.part(true)]);
  origin.end();
  origin.end();
  t.equal(origin.advancedAtMs, null);
  const text = await playlist();
  t.match(text, /#EXTINF:0.2,\nsegment-102.m4s\n#EXT-X-ENDLIST\n$/);
  t.notMatch(text, /PRELOAD-HINT/);
  acceptAll(origin, [feed.part(false)]);
  t.equal(await playlist(), text, 'a late part changes nothing');

  clock.advance(1_999); // the late part took 200 ms
  t.equal(await playlist(), text, 'for as long as it is');
  clock.advance(1);
  const gone = await server.get('media.m3u8');
  t.equal(gone.status, 404);
  t.match(gone.headers, { 'content-type': 'application/problem+json' });
  t.match(JSON.parse(gone.text), { status: 404, code: 'not-found', title: 'There is no broadcast now.' });
  t.equal(origin.reach, null);
  t.equal((await server.get('segment-102.m4s')).status, 200, 'who has the playlist can still play it out');
  clock.advance(2_200);
  t.equal((await server.get('segment-102.m4s')).status, 404);
  t.equal(clock.timers, 0);
});

t.test('the next broadcast shows nothing of the one before, and goes on counting', async (t) => {
  const { origin, clock, playlist, server } = await start(t);
  const feed = new Feed(clock);
  acceptAll(origin, [feed.init(), ...feed.seconds(2)]);
  origin.end();
  origin.begin();
  origin.begin();
  const second = new Feed(clock, 'second');
  acceptAll(origin, [second.init(), second.part(true), second.part(true)]);
  t.equal(
    await playlist(),
    `${header(102, 7)}#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-102.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:07.000Z
#EXT-X-PART:DURATION=0.2,URI="part-100-10.m4s",INDEPENDENT=YES
#EXTINF:0.2,
segment-102.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:07.200Z
#EXT-X-PART:DURATION=0.2,URI="part-100-11.m4s",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-100-12.m4s"
`,
  );
  t.equal((await server.get('segment-101.m4s')).status, 200, 'whoever was fetching the old one may finish');
  t.equal(clock.timers, 0, 'and the old expiry is off');
});

t.test('other settings', async (t) => {
  const { origin, clock, playlist } = await start(t);
  const feed = new Feed(clock);
  acceptAll(origin, [feed.init(), ...feed.seconds(1), feed.part(true)]);
  origin.reconfigure({
    partMs: 400,
    segmentMs: 2_000,
    windowSeconds: 20,
    keyFrameIntervalSeconds: 1,
    framesPerSecond: 30,
  });
  t.ok((await playlist()).startsWith(header(100, 6, 0.21, 2)), 'parts are still those of the old pipeline');
  const second = new Feed(clock, 'second');
  acceptAll(origin, [second.init(), second.part(true, 0.4), second.part(false, 0.4)]);
  t.ok((await playlist()).startsWith(header(100, 6, 0.42, 2)));
});

t.test('the multivariant playlist says what players want to know before they fetch the other', async (t) => {
  const { origin, clock, server } = await start(t);
  const feed = new Feed(clock);
  const pending = server.ask('live.m3u8');
  await pending.handled;
  t.equal(origin.waiting, 1, 'it comes with the first segment, as the media playlist does');
  acceptAll(origin, [feed.init(), ...feed.seconds(2)]);
  const { status, headers, text } = await pending.answer;
  t.equal(status, 200);
  t.match(headers, { 'content-type': 'application/vnd.apple.mpegurl', 'cache-control': 'no-cache' });
  const [first, variant = '', uri] = text.split('\n');
  t.equal(first, '#EXTM3U');
  t.match(variant, /^#EXT-X-STREAM-INF:BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,/);
  t.match(variant, /,CODECS="avc1\.42c01f,mp4a\.40\.2",RESOLUTION=1280x720,FRAME-RATE=30\.000$/);
  t.equal(uri, 'media.m3u8');
  t.equal((await server.get('live.m3u8?_HLS_msn=5')).status, 200, 'it knows no delivery directives');
  origin.end();
  clock.advance(60_000);
  t.equal((await server.get('live.m3u8')).status, 404, 'off air there is none');
});

t.test('a delta update leaves out what is older than six target durations', async (t) => {
  const { origin, clock, server } = await start(t, { windowSeconds: 20 });
  const feed = new Feed(clock);
  acceptAll(origin, [feed.init(), ...feed.seconds(12)]);
  const whole = (await server.get('media.m3u8')).text;
  const delta = (await server.get('media.m3u8?_HLS_skip=YES')).text;
  t.match(whole, /CAN-SKIP-UNTIL=6,/);
  t.notMatch(whole, /EXT-X-SKIP/);
  t.match(whole, /^#EXT-X-VERSION:6$/m);
  t.match(delta, /^#EXT-X-VERSION:9$/m);
  const skipped = Number(/^#EXT-X-SKIP:SKIPPED-SEGMENTS=(\d+)$/m.exec(delta)?.[1]);
  const namesIn = (text: string) => text.split('\n').filter((line) => /^segment-/.test(line));
  t.ok(skipped > 0);
  t.strictSame(namesIn(delta), namesIn(whole).slice(skipped));
  t.equal(namesIn(delta).length, 5, 'with the growing one, six seconds are left');
  const head = (text: string) => /^#EXT-X-MEDIA-SEQUENCE:\d+$/m.exec(text)?.[0];
  t.equal(head(delta), head(whole), 'it counts from the same segment');
  t.ok(delta.endsWith(whole.slice(-200)), 'both end alike');
  t.equal((await server.get('media.m3u8?_HLS_skip=v2')).text, delta);
  t.equal((await server.get('media.m3u8?_HLS_skip=perhaps')).text, whole, 'what is not known is ignored');
});

t.test('a delta update of a short playlist is the whole of it', async (t) => {
  const { origin, clock, server } = await start(t);
  const feed = new Feed(clock);
  acceptAll(origin, [feed.init(), ...feed.seconds(4)]);
  t.equal((await server.get('media.m3u8?_HLS_skip=YES')).text, (await server.get('media.m3u8')).text);
});

t.test('a wall clock that leaps by years moves the dates of what comes, and nothing else', async (t) => {
  const { origin, clock, playlist } = await start(t, { windowSeconds: 60 });
  const feed = new Feed(clock);
  origin.accept(feed.init());
  const beganMs = clock.nowMs();
  acceptAll(origin, feed.seconds(3));
  const years = 365 * 86_400_000;
  clock.setWall(clock.nowMs() + 10 * years); // network time, on a board that had none
  acceptAll(origin, feed.seconds(3));
  clock.setWall(clock.nowMs() - 20 * years); // and a time server that was wrong
  acceptAll(origin, [...feed.seconds(3), feed.part(true)]);
  const lines = (await playlist()).split('\n');
  const dates = lines
    .filter((line) => line.startsWith('#EXT-X-PROGRAM-DATE-TIME:'))
    .map((line) => Date.parse(line.slice('#EXT-X-PROGRAM-DATE-TIME:'.length)));
  const leaps = [0, 0, 0, 10, 10, 10, -10, -10, -10, -10];
  t.same(
    dates.map((dateMs, at) => dateMs - beganMs - at * 1_000),
    leaps.map((count) => count * years),
  );
  t.same(
    lines.filter((line) => line.startsWith('#EXTINF')),
    Array(9).fill('#EXTINF:1,'),
  );
  t.equal(lines.filter((line) => line === '#EXT-X-DISCONTINUITY').length, 1, 'that of the beginning');
  t.ok(lines.includes('#EXT-X-TARGETDURATION:1'));
  t.ok(lines.includes('#EXT-X-PART-INF:PART-TARGET=0.21'));
});
