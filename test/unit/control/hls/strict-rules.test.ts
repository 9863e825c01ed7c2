import t from 'tap';
import { acceptAll, Feed, newOrigin } from '#test/support/hls-feed.ts';
import { HlsServer } from '#test/support/hls-server.ts';
import { faultsOf, mediaRules } from '#test/support/strict-hls/media-rules.ts';
import { readPlaylist } from '#test/support/strict-hls/playlist-reader.ts';
import { reloadRules, withSkipped } from '#test/support/strict-hls/reload-rules.ts';

// The strict reader that judges a box in test/integration/hls-strict.test.ts: each rule passes what is right, and can say no.

const { origin, clock } = newOrigin({ windowSeconds: 30 });
const server = await new HlsServer(origin).start();
t.teardown(async () => {
  origin.close();
  await server.close();
});
origin.begin();
const playlist = async (query = '') => (await server.ask(`media.m3u8${query}`).answer).text;
const feed = new Feed(clock);
acceptAll(origin, [feed.init(), ...feed.seconds(40)]);
acceptAll(origin, [feed.part(true), feed.part(false)]);
const before = await playlist();
acceptAll(origin, [feed.part(false), feed.part(false), feed.part(false), feed.part(true), feed.part(false)]);
const after = await playlist();

t.strictSame(faultsOf(before), []);
t.strictSame(faultsOf(after), []);

for (const { section, must, broken, spoil } of mediaRules)
  t.test(`${section}: ${must}`, (t) => {
    const spoiled = spoil(after);
    t.not(spoiled, after);
    t.type(broken(readPlaylist(spoiled)), 'string');
    t.end();
  });

for (const { section, must, broken, spoil } of reloadRules)
  t.test(`${section}: ${must}`, (t) => {
    t.equal(broken(readPlaylist(before), readPlaylist(after)), null);
    t.type(broken(readPlaylist(before), readPlaylist(spoil(after))), 'string');
    t.end();
  });

t.test('a delta update and what was known before make the whole', async (t) => {
  const delta = readPlaylist(await playlist('?_HLS_skip=YES'));
  t.ok(delta.skipped > 10, `${delta.skipped} skipped`);
  t.strictSame(faultsOf(delta.text), []);
  t.strictSame(withSkipped(readPlaylist(before), delta).segments, readPlaylist(after).segments);
});
