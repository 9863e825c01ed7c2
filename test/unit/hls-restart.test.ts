import t from 'tap';
import { MediaSequence, type SequenceStore } from '#control/hls/media-sequence.ts';
import { acceptAll, Feed, newOrigin, quiet, SequenceMemory, startMs } from '../support/hls-feed.ts';
import { HlsServer } from '../support/hls-server.ts';

t.test('numbers go on beyond whatever was given out, with few writes', (t) => {
  const store = new SequenceMemory(null);
  const begin = () => new MediaSequence({ store, nowMs: () => startMs, logger: quiet });
  const first = begin();
  const given = Array.from({ length: 2_500 }, () => first.take());
  t.equal(
    given[0],
    (startMs - Date.UTC(2025, 0, 1)) / 500,
    'half seconds since 2025 where nothing is stored',
  );
  t.ok(
    given.every((n, index) => n === (given[0] ?? 0) + index),
    'without gaps',
  );
  t.equal(store.saves, 3);
  const again = begin().take();
  t.ok(again > (given.at(-1) ?? 0), 'a killed process gives no number twice');
  t.ok(begin().take() > again, 'not even one that dies at once');
  t.end();
});

t.test('discontinuities are counted exactly', (t) => {
  const store = new SequenceMemory(null);
  const begin = () => new MediaSequence({ store, nowMs: () => startMs, logger: quiet });
  const first = begin();
  t.same([first.takeDiscontinuity(), first.takeDiscontinuity()], [1, 2]);
  const sequence = first.take();
  const second = begin();
  t.ok(second.take() > sequence);
  t.equal(second.takeDiscontinuity(), 3);
  const third = begin();
  t.equal(third.takeDiscontinuity(), 4, 'whichever is asked for first');
  t.ok(third.take() > sequence + 1_000);
  t.end();
});

const broken: { is: string; store: SequenceStore }[] = [
  { is: 'no object', store: { load: () => Number.NaN, save: () => {} } },
  { is: 'negative', store: { load: () => ({ media: -5, discontinuity: 0 }), save: () => {} } },
  { is: 'half there', store: { load: () => ({ media: 5 }), save: () => {} } },
  {
    is: 'unreadable and not to be written',
    store: {
      load: () => {
        throw new Error('EIO');
      },
      save: () => {
        throw new Error('EROFS');
      },
    },
  },
];
for (const { is, store } of broken) {
  t.test(`a stored sequence that is ${is} stops nothing`, (t) => {
    const sequence = new MediaSequence({ store, nowMs: () => Date.UTC(2025, 0, 1) + 5_000, logger: quiet });
    t.equal(sequence.take(), 10);
    t.equal(sequence.take(), 11);
    t.equal(sequence.takeDiscontinuity(), 1);
    t.end();
  });
}

t.test('control is killed and comes back in the middle of a group of pictures', async (t) => {
  const before = newOrigin();
  const server = await new HlsServer(before.origin).start();
  t.teardown(() => server.close());
  const feed = new Feed(before.clock);
  before.origin.begin();
  acceptAll(before.origin, [feed.init(), ...feed.seconds(8), feed.part(true), feed.part(false)]);
  const oldText = (await server.get('live.m3u8')).text;

  const after = newOrigin({}, before.sequence);
  server.origin = after.origin;
  t.teardown(() => after.origin.close());
  after.origin.begin();
  const waiting = server.ask('live.m3u8?_HLS_msn=108&_HLS_part=2');
  await waiting.handled;
  acceptAll(after.origin, [feed.init(), feed.part(false), feed.part(false)]);
  t.equal(after.origin.waiting, 1, 'nothing to begin with yet');
  acceptAll(after.origin, [feed.part(true)]);
  const { text } = await waiting.answer;
  t.match(
    text,
    `#EXT-X-MEDIA-SEQUENCE:1100
#EXT-X-DISCONTINUITY-SEQUENCE:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-1100.mp4"
`,
    'the player that followed the old playlist is answered at once',
  );
  t.match(oldText, /#EXT-X-MEDIA-SEQUENCE:102\n/);
  const names = (playlist: string): string[] => playlist.match(/(part|segment|init)-[\d-]+/g) ?? [];
  t.same(
    names(text).filter((name) => names(oldText).includes(name)),
    [],
    'no name means other bytes now',
  );
  const hinted = /HINT.*"(.*)"/.exec(oldText)?.[1] ?? '';
  t.equal((await server.get(hinted)).status, 404, 'the old hint is void');
});
