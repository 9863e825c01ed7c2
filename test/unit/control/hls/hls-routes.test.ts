import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { TokenKeeper } from '#control/access/token-keeper.ts';
import { ViewerIdentity } from '#control/access/viewer-identity.ts';
import { hlsRoutes, sequenceFile } from '#control/hls/hls-routes.ts';
import { OnairError } from '#core/domain/errors.ts';
import { ask } from '#test/support/ask.ts';
import { hubOfFakes } from '#test/support/hub-of-fakes.ts';
import { webServer } from '#test/support/web-server.ts';

t.setTimeout(20_000);

/** The HLS origin as viewers reach it; `live` puts it on air with a few parts. */
async function setUp(t: Test) {
  const hub = hubOfFakes();
  const { state, hls, audience, broadcast, media, egress, pipeline, play, flow, clock } = hub;
  const tokens = new TokenKeeper({ path: join(t.testdir(), 'token.key') });
  await tokens.start();
  const identity = new ViewerIdentity({ tokens, settings: () => state.settings });
  const none = new OnairError('not-found', 'There is no replay now.');
  const replay = {
    playlist: () => {
      throw none;
    },
    open: () => Promise.reject(none),
  };
  const routes = hlsRoutes({ hls, identity, audience, broadcast, replay });
  const admit = (request: IncomingMessage) => identity.admit(request);
  const { url, settings } = await webServer(t, { clock, routes, admit });
  state.settings = settings;
  t.teardown(() => hls.close());
  const live = (): void => {
    egress.join();
    media.join();
    pipeline('idle');
    broadcast.start();
    pipeline('starting');
    flow(true);
    play(3_000);
  };
  const fetchPlaylist = (headers: Record<string, string> = {}) =>
    ask('GET', `${url}/hls/live.m3u8`, { headers: { 'user-agent': 'VLC', ...headers } });
  return { ...hub, url, settings, tokens, live, fetchPlaylist };
}

t.test('while nothing is on air nobody takes a place', async (t) => {
  const { fetchPlaylist, audience } = await setUp(t);
  t.equal((await fetchPlaylist()).status, 404);
  t.equal(audience.viewers, 0);
});

t.test('players without cookies are one viewer for each address, for 15 s', async (t) => {
  const { fetchPlaylist, live, audience, clock } = await setUp(t);
  live();
  const playlist = await fetchPlaylist();
  t.match(playlist, { status: 200, text: /^#EXTM3U/ });
  t.equal(playlist.headers['access-control-allow-origin'], undefined);
  await fetchPlaylist();
  t.equal(audience.viewers, 1);
  await fetchPlaylist({ 'user-agent': 'mpv' });
  t.equal(audience.viewers, 1, 'whatever they call themselves');
  clock.advance(15_000);
  t.equal(audience.viewers, 0);
});

t.test('a browser that has the page open and plays HLS is one', async (t) => {
  const { fetchPlaylist, live, audience } = await setUp(t);
  live();
  const id = 'a1b2c3d4-e5f6-4789-8abc-def012345678';
  audience.enter(id, 'lancast');
  t.equal((await fetchPlaylist({ cookie: `onair_viewer=${id}` })).status, 200);
  t.equal(audience.viewers, 1);
});

t.test('a full house is 503, with when to come again, and who is in plays on', async (t) => {
  const { fetchPlaylist, live, audience } = await setUp(t);
  live();
  audience.setMax(1);
  t.equal((await fetchPlaylist()).status, 200);
  const refused = await fetchPlaylist({ cookie: 'onair_viewer=a1b2c3d4-e5f6-4789-8abc-def012345678' });
  t.match(refused, { status: 503, json: { code: 'full' }, headers: { 'retry-after': '10' } });
  t.equal((await fetchPlaylist()).status, 200);
});

t.test('where a PIN is set, a token opens and nothing else does', async (t) => {
  const { fetchPlaylist, live, settings, tokens, audience } = await setUp(t);
  live();
  Object.assign(settings.viewing, { access: 'pin', pin: '4711' });
  t.match(await fetchPlaylist(), { status: 401, json: { code: 'unauthorized' } });
  t.equal(audience.viewers, 0);
  const { streamId } = settings.broadcast;
  const { token } = await tokens.issue({ viewerId: 'anna', streamId });
  t.equal(
    (await fetchPlaylist({ authorization: `Bearer ${token}` })).status,
    401,
    'without the mark of the PIN',
  );
  const pinMark = tokens.markOf('4711');
  const { token: shown } = await tokens.issue({ viewerId: 'anna', streamId, pinMark });
  t.equal((await fetchPlaylist({ authorization: `Bearer ${shown}` })).status, 200);
  t.equal((await fetchPlaylist({ cookie: `onair_access=${shown}` })).status, 200);
  t.equal(audience.viewers, 1);
});

t.test('methods that HLS does not have', async (t) => {
  const { url } = await setUp(t);
  t.match(await ask('POST', `${url}/hls/live.m3u8`), { status: 405, headers: { allow: /GET, HEAD/ } });
  t.equal((await ask('OPTIONS', `${url}/hls/live.m3u8`)).status, 204);
});

t.test('the media sequence is kept in a file, whole or not at all', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'media-sequence');
  const store = sequenceFile(path);
  t.equal(store.load(), null);
  store.save({ media: 7, discontinuity: 2 });
  store.save({ media: 8, discontinuity: 2 });
  t.same(sequenceFile(path).load(), { media: 8, discontinuity: 2 });
  t.same(await readdir(folder), ['media-sequence']);
  await writeFile(path, '{"media":');
  t.equal(store.load(), null);
  await chmod(path, 0o600);
  store.save({ media: 9, discontinuity: 2 });
  t.same(JSON.parse(await readFile(path, 'utf8')), { media: 9, discontinuity: 2 });
});
