import t from 'tap';
import { MediaSequence, type SequenceStore } from '#control/hls/media-sequence.ts';
import { startMs } from '#test/support/driven-clock.ts';
import { acceptAll, Feed, newOrigin, quiet, SequenceMemory } from '#test/support/hls-feed.ts';
import { HlsServer } from '#test/support/hls-server.ts';

const next = { discontinuity: false };
const anew = { discontinuity: true };

t.test('numbers go on where they were, whatever kills the process', (t) => {
  const store = new SequenceMemory(null);
  const begin = () => new MediaSequence({ store, nowMs: () => startMs, logger: quiet });
  const media = (startMs - Date.UTC(2025, 0, 1)) / 500; // half seconds where nothing is stored
  const first = begin();
  t.same(first.take(anew), { media, discontinuity: 1 });
  t.same(first.take(next), { media: media + 1, discontinuity: 1 });
  t.same(first.take(anew), { media: media + 2, discontinuity: 2 });
  t.same(begin().take(anew), { media: media + 3, discontinuity: 3 });
  const third = begin();
  t.same(third.take(anew), { media: media + 4, discontinuity: 4 });
  t.same(third.take(next), { media: media + 5, discontinuity: 4 });
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
    t.same(sequence.take(anew), { media: 10, discontinuity: 1 });
    t.same(sequence.take(anew), { media: 11, discontinuity: 2 });
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
  const oldText = (await server.get('media.m3u8')).text;

  const after = newOrigin({}, before.sequence);
  server.origin = after.origin;
  t.teardown(() => after.origin.close());
  after.origin.begin();
  const waiting = server.ask('media.m3u8?_HLS_msn=108&_HLS_part=2');
  await waiting.handled;
  acceptAll(after.origin, [feed.init(), feed.part(false), feed.part(false)]);
  t.equal(after.origin.waiting, 1, 'nothing to begin with yet');
  acceptAll(after.origin, [feed.part(true), feed.part(true)]);
  const { text } = await waiting.answer;
  t.match(
    text,
    `#EXT-X-MEDIA-SEQUENCE:109
#EXT-X-DISCONTINUITY-SEQUENCE:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-109.mp4"
`,
    'the player that followed the old playlist goes on with it',
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
