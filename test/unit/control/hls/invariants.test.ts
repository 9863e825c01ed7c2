import fc from 'fast-check';
import t from 'tap';
import { MediaSequence } from '#control/hls/media-sequence.ts';
import { MediaStore } from '#control/hls/media-store.ts';
import { renderPlaylist } from '#control/hls/playlist.ts';
import { SegmentWindow } from '#control/hls/segment-window.ts';
import { Segmenter } from '#control/hls/segmenter.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';
import { Feed, quiet, SequenceMemory } from '#test/support/hls-feed.ts';

interface ListedSegment {
  sequence: number;
  discontinuitySequence: number;
  init: string;
  seconds: number | null;
  parts: { seconds: number; independent: boolean; name: string }[];
}

/** A playlist as a strict player reads it. */
function read(text: string) {
  const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1]);
  const target = number(/^#EXT-X-TARGETDURATION:(\d+)$/m);
  const partTarget = number(/^#EXT-X-PART-INF:PART-TARGET=([\d.]+)$/m);
  let sequence = number(/^#EXT-X-MEDIA-SEQUENCE:(\d+)$/m);
  let discontinuitySequence = number(/^#EXT-X-DISCONTINUITY-SEQUENCE:(\d+)$/m);
  const partHoldBack = number(/PART-HOLD-BACK=([\d.]+)$/m);
  let init = '';
  let parts: ListedSegment['parts'] = [];
  let seconds: number | null = null;
  const segments: ListedSegment[] = [];
  const push = () => {
    segments.push({ sequence, discontinuitySequence, init, seconds, parts });
    [sequence, parts, seconds] = [sequence + 1, [], null];
  };
  for (const line of text.split('\n')) {
    if (line === '#EXT-X-DISCONTINUITY') discontinuitySequence += 1;
    init = /^#EXT-X-MAP:URI="(.*)"$/.exec(line)?.[1] ?? init;
    const part = /^#EXT-X-PART:DURATION=([\d.]+),URI="(.*?)"(,INDEPENDENT=YES)?$/.exec(line);
    if (part)
      parts.push({ seconds: Number(part[1]), name: part[2] ?? '', independent: part[3] !== undefined });
    if (line.startsWith('#EXTINF:')) seconds = Number(/[\d.]+/.exec(line)?.[0]);
    if (/^segment-\d+\.m4s$/.test(line)) push();
  }
  if (parts.length > 0) push();
  return { target, partTarget, partHoldBack, segments };
}

const event = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({ kind: fc.constant('part' as const), seconds: fc.integer({ min: 170, max: 205 }) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('key' as const), seconds: fc.integer({ min: 20, max: 205 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('part' as const),
      seconds: fc.integer({ min: 20, max: 2_500 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('lost' as const, 'pipeline' as const),
      seconds: fc.constant(200),
    }),
  },
);

t.test('whatever media sends, each playlist is legal and goes on from the one before', (t) => {
  let playlists = 0;
  fc.assert(
    fc.property(
      fc.array(event, { minLength: 1, maxLength: 300, size: 'max' }),
      fc.integer({ min: 1, max: 8 }),
      (events, windowSeconds) => {
        const clock = new DrivenClock();
        const settings = {
          partMs: 200,
          segmentMs: 1_000,
          windowSeconds,
          keyFrameIntervalSeconds: 1,
          framesPerSecond: 30,
        };
        const store = new MediaStore();
        const window = new SegmentWindow({ store, settings });
        const mediaSequence = new MediaSequence({
          store: new SequenceMemory(),
          nowMs: () => clock.nowMs(),
          logger: quiet,
        });
        const segmenter = new Segmenter({ window, mediaSequence, settings, logger: quiet });
        let pipelines = 0;
        let feed = new Feed(clock, '0');
        const takeInit = (fragment = feed.init()) => {
          if (fragment.header.kind === 'init')
            segmenter.takeInit({ header: fragment.header, bytes: fragment.bytes });
        };
        takeInit();
        const known = new Map<number, ListedSegment>();
        let last = { first: 0, end: 0, target: 0 };
        for (const { kind, seconds } of events) {
          if (kind === 'lost') feed.lose();
          if (kind === 'pipeline') {
            pipelines += 1;
            feed = new Feed(clock, String(pipelines));
            takeInit();
          }
          if (kind !== 'part' && kind !== 'key') continue;
          const fragment = feed.part(kind === 'key', seconds / 1000);
          const hint = segmenter.nextPartName;
          if (fragment.header.kind !== 'part') continue;
          if (!segmenter.takePart({ header: fragment.header, bytes: fragment.bytes })) continue;
          const { target, partTarget, partHoldBack, segments } = read(
            renderPlaylist(window, { hint: segmenter.nextPartName }),
          );
          playlists += 1;
          const first = segments[0]?.sequence ?? 0;
          const growing = segments.at(-1);
          const fail = (what: string) => new Error(`${what}\n${renderPlaylist(window, { hint: null })}`);
          if (growing?.seconds !== null) throw fail('the last one must be growing');
          if (hint !== null && growing.parts.at(-1)?.name !== hint) throw fail(`hinted ${hint}`);
          if (first < last.first || growing.sequence < last.end) throw fail('went back');
          if (growing.sequence > last.end + 1 && last.end > 0) throw fail('skipped');
          const complete = segments.slice(0, -1).reduce((sum, segment) => sum + (segment.seconds ?? 0), 0);
          if (first > last.first && last.first > 0 && complete < 3 * last.target - 1e-6)
            throw fail('window too short');
          last = { first, end: growing.sequence, target };
          if (partHoldBack < 2 * partTarget) throw fail('hold back');
          for (const segment of segments) {
            if (!segment.init || !store.get(segment.init)) throw fail('no init section');
            if (segment.seconds !== null && Math.round(segment.seconds) > target)
              throw fail('segment too long');
            const before = known.get(segment.sequence);
            if (
              before &&
              (before.init !== segment.init || before.discontinuitySequence !== segment.discontinuitySequence)
            ) {
              throw fail('a listed segment changed');
            }
            known.set(segment.sequence, segment);
            const sum = segment.parts.reduce((total, part) => total + part.seconds, 0);
            if (
              segment.seconds !== null &&
              segment.parts.length > 0 &&
              Math.abs(sum - segment.seconds) > 1e-5
            ) {
              throw fail('parts do not add up');
            }
            if (segment.parts.length > 0 && !segment.parts[0]?.independent)
              throw fail('begins with no key frame');
            for (const part of segment.parts) {
              if (part.seconds > partTarget) throw fail('part too long');
              if (!store.get(part.name)) throw fail('part not to be had');
            }
            if (segment.seconds !== null && !store.get(`segment-${segment.sequence}.m4s`))
              throw fail('not to be had');
          }
        }
      },
    ),
    { numRuns: 40 },
  );
  t.ok(playlists > 500, `${playlists} playlists: a random number, but never next to none`);
  t.end();
});
