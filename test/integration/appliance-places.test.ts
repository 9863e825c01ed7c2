import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { ask } from '../support/ask.ts';
import { WebRtcViewer } from '../support/webrtc-viewer.ts';

// Who takes a place, and who takes none: an operator's preview is no viewer; one address can't have every listener.

t.setTimeout(240_000);

const appliance = await Appliance.start({
  settings: { video: { width: 320, height: 240, framesPerSecond: 15 }, viewing: { maxViewers: 1 } },
});
t.teardown(() => appliance.close());
const origin = await appliance.origin();
const json = { 'content-type': 'application/json' };

async function operatorToken(): Promise<string> {
  const { code } = (await appliance.call('POST', '/api/v1/pairing/code')) as { code: string };
  const body = JSON.stringify({ code, as: 'token' });
  const { json: granted } = await ask('POST', `${origin}/api/v1/pairing`, { headers: json, body });
  return String(granted?.token);
}
const operator = { authorization: `Bearer ${await operatorToken()}` };
t.equal((await appliance.onair('live')).exitCode, 0);

async function sessions(): Promise<number> {
  const { text } = await ask('GET', `${await appliance.origin()}/metrics`);
  return Number(/^onair_watch_sessions\S* (\d+)$/m.exec(text)?.[1]);
}

t.test(
  'an operator’s preview takes no place and is not counted, after a restart of control either',
  async (t) => {
    const watch = async (headers: Record<string, string>, offer: string) =>
      await ask('POST', `${origin}/whep?preview=1`, {
        headers: { 'content-type': 'application/sdp', ...headers },
        body: offer,
      });
    const preview = new WebRtcViewer();
    t.teardown(() => preview.close());
    const { status, text, headers } = await watch(operator, await preview.offer());
    t.equal(status, 201);
    const pictures = once(preview, 'video');
    preview.accept(text);
    await pictures;
    const hls = async (path: string, who: Record<string, string> = {}) =>
      (await ask('GET', `${origin}${path}`, { headers: who })).status;
    while ((await hls('/hls/preview/media.m3u8', operator)) === 404) await setImmediate();
    const { text: playlist } = await ask('GET', `${origin}/hls/preview/media.m3u8`, { headers: operator });
    const init = /EXT-X-MAP:URI="([^"/]+)"/.exec(playlist)?.[1];
    t.equal(await hls(`/hls/preview/${init}`, operator), 200, 'what the playlist names is there');
    const { audience } = await appliance.status();
    t.same([audience.viewers, audience.peak], [0, 0]);

    await appliance.kill('control');
    await appliance.until(({ daemons }) => Object.values(daemons).every(({ up }) => up), 20_000);
    while ((await sessions()) !== 1) await setImmediate();
    t.equal((await appliance.status()).audience.viewers, 0, 'the preview that egress has kept');

    t.equal(await hls('/hls/preview/media.m3u8'), 200, 'anybody else is a viewer, whatever they say');
    await appliance.until(({ audience }) => audience.viewers === 1);
    t.equal(
      await hls('/hls/media.m3u8', { cookie: 'onair_viewer=0b5c62a4-6d3f-4f6e-9d6a-1f3a5c7e9b21' }),
      503,
    );
    const stranger = new WebRtcViewer();
    t.teardown(() => stranger.close());
    const again = new WebRtcViewer();
    t.teardown(() => again.close());
    t.equal((await watch({}, await stranger.offer())).status, 503);
    t.equal((await watch(operator, await again.offer())).status, 201, 'the operator looks into a full house');
    t.match(headers.location, /^\/whep\//);
  },
);

t.test('one address can’t have every listener of events', async (t) => {
  const listen = async (localAddress: string, headers = {}): Promise<IncomingMessage> => {
    const asked = get(`${await appliance.origin()}/api/v1/events`, { localAddress, headers, agent: false });
    asked.on('error', () => {}); // control ends it
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.on('error', () => {});
    answer.resume();
    return answer;
  };
  const asked = await Promise.all(Array.from({ length: 210 }, () => listen('127.0.0.5')));
  t.teardown(() => {
    for (const answer of asked) answer.destroy();
  });
  const many = asked.filter(({ statusCode }) => statusCode === 200);
  t.ok(many.length > 190 && many.length <= 200, `${many.length} listen`);
  t.ok(asked.every(({ statusCode }) => statusCode === 200 || statusCode === 503));
  const ended = new Promise<void>((resolve) => {
    for (const answer of many) answer.once('close', resolve);
  });
  const other = await listen('127.0.0.6');
  t.equal(other.statusCode, 200);
  await ended;
  t.equal(many.filter(({ closed }) => closed).length, 1, 'one of theirs ends for it');
  const own = await listen('127.0.0.5', operator);
  t.equal(own.statusCode, 200, 'an operator always gets in');
  t.notOk(other.closed);
  other.destroy();
  own.destroy();
});
