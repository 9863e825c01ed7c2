import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { ApiClient } from '#core/protocol/client.ts';
import { stopBroadcast } from '#core/protocol/endpoints/broadcast.ts';
import { pairingGranted } from '#core/protocol/endpoints/operators.ts';
import { getSettings } from '#core/protocol/endpoints/settings.ts';
import { tokenBody } from '#core/protocol/endpoints/watching.ts';
import { linkTransport } from '#core/runtime/link-transport.ts';
import { Appliance } from '../support/appliance.ts';
import { ask } from '../support/ask.ts';
import { launchBrowser } from '../support/browser.ts';
import { offerText } from '../support/offer.ts';
import { ViewerPage } from '../support/viewer-page.ts';
import { WebRtcViewer } from '../support/webrtc-viewer.ts';
import { WireClient } from '../support/wire-client.ts';

// What lasts, lasts no longer than the right it was opened by: a PIN, or being an operator.

t.setTimeout(240_000);

const appliance = await Appliance.start({
  settings: { video: { width: 320, height: 240, framesPerSecond: 15 } },
});
t.teardown(() => appliance.close());
const origin = await appliance.origin();
const { stream, device } = await appliance.status();
const tokens = `${origin}/api/v1/streams/${stream.id}/tokens`;
const nova = `${origin}/api/v1/streams/${stream.id}/ws`;
const json = { 'content-type': 'application/json' };
const sdp = { 'content-type': 'application/sdp' };
const set = (viewing: object) => appliance.call('PATCH', '/api/v1/settings', { viewing });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
t.equal((await appliance.onair('live')).exitCode, 0);

async function token(headers: Record<string, string> = {}, body: object = {}): Promise<string> {
  const answer = await ask('POST', tokens, { headers: { ...json, ...headers }, body: JSON.stringify(body) });
  return tokenBody.parse(answer.json).token;
}

/** How each way in takes a token: its HTTP status, or what `/ws/viewer` says to hello. */
async function waysIn(shown: string): Promise<Record<string, number | string>> {
  const whep = await ask('POST', `${origin}/whep`, {
    headers: { ...sdp, ...bearer(shown) },
    body: offerText(),
  });
  if (whep.headers.location) await ask('DELETE', `${origin}${whep.headers.location}`);
  const viewer = await WireClient.connect(`${origin}/ws/viewer`);
  viewer.send({ type: 'hello', ts: new Date().toISOString(), payload: { token: shown } });
  const { type } = JSON.parse(await viewer.next());
  viewer.close();
  const upgrade = async (url: string, headers = {}): Promise<number> => {
    const opened = await WireClient.connect(url, { headers }).catch(() => null);
    opened?.close();
    return opened ? 101 : (await WireClient.refused(url, { headers })).status;
  };
  return {
    whep: whep.status,
    viewer: type,
    hls: (await ask('GET', `${origin}/hls/live.m3u8`, { headers: bearer(shown) })).status,
    renewal: (await ask('POST', tokens, { headers: { ...json, ...bearer(shown) }, body: '{}' })).status,
    nova: await upgrade(`${nova}?token=${shown}`),
    lancast: await upgrade(`${origin}/ws`, bearer(shown)),
    sync: await upgrade(`${origin}/ws/sync`, bearer(shown)),
    session: await upgrade(`${origin}/ws/session`, bearer(shown)),
  };
}

const taken = {
  ...{ whep: 201, viewer: 'hello_ack', hls: 200, renewal: 201 },
  ...{ nova: 101, lancast: 101, sync: 101, session: 101 },
};
const refused = {
  ...{ whep: 401, viewer: 'error', hls: 401, renewal: 401 },
  ...{ nova: 401, lancast: 401, sync: 401, session: 401 },
};

/** Not `once`: being cut is an error first. */
const closed = (response: IncomingMessage) => new Promise((resolve) => response.once('close', resolve));

async function stream200(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const request = get(`${origin}${path}`, { headers, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => {}); // it is cut: 'close' follows
  response.resume();
  t.equal(response.statusCode, 200, path);
  return response;
}

t.test('a token opens what the PIN of its day opened, and nothing once there is another', async (t) => {
  await set({ access: 'open' });
  const ofOpenDays = await token();
  t.same(await waysIn(ofOpenDays), taken);
  await set({ access: 'pin', pin: '4711' });
  t.same(await waysIn(ofOpenDays), refused);
  const withPin = await token(bearer(ofOpenDays), { pin: '4711' });
  t.same(await waysIn(withPin), taken);
  t.same(await waysIn(await token(bearer(withPin))), taken, 'and so does one that it was renewed with');
  await set({ pin: '4712' });
  t.same(await waysIn(withPin), refused);
});

t.test('setting a PIN ends all who are watching, by every way; the page asks for it', async (t) => {
  await set({ access: 'open' });
  const browser = await launchBrowser();
  t.teardown(() => browser.close());
  const page = await ViewerPage.open(browser, origin, { expected: [/status of 401/, /WebSocket/] });
  await page.state('live', 'webrtc');
  const shown = await token();
  const sockets = await Promise.all(
    ['/ws', '/ws/sync', '/ws/session', `/api/v1/streams/${stream.id}/ws?token=${shown}`].map((path) =>
      WireClient.connect(`${origin}${path}`),
    ),
  );
  const viewer = await WireClient.connect(`${origin}/ws/viewer`);
  const say = (type: string, payload: object) => viewer.send({ type, ts: new Date().toISOString(), payload });
  say('hello', { token: shown });
  await viewer.next();
  say('watch_request', { device_id: device.id });
  t.equal(JSON.parse(await viewer.next()).type, 'watch_ready');
  const watcher = new WebRtcViewer();
  t.teardown(() => watcher.close());
  const offered = await ask('POST', `${origin}/whep`, { headers: sdp, body: await watcher.offer() });
  watcher.accept(offered.text);
  await watcher.until('video', () => watcher.video.length > 10);
  const events = await stream200('/api/v1/events');
  const ended = closed(events);

  await set({ access: 'pin', pin: '4711' });
  for (const socket of [...sockets, viewer]) t.match(await socket.closed(), { code: 1008 });
  await ended;
  t.pass('the events end');
  const over = await ask('DELETE', `${origin}${offered.headers.location}`);
  t.equal(over.status, 200, 'a player that leaves finds that it has left');
  const gone = await ask('PATCH', `${origin}${offered.headers.location}`, {
    headers: { 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': '*' },
    body: 'a=mid:0\r\n',
  });
  t.equal(gone.status, 404, 'since the WHEP session is over');
  await page.state('locked');
  await appliance.until(({ audience }) => audience.viewers === 0);
  t.pass('nobody is left');
  await page.close();
});

t.test('an operator who is revoked hears no more', async (t) => {
  const pair = async (name: string) => {
    const { stdout } = await appliance.onair('pair', '--json');
    const code = /\d{6}/.exec(stdout)?.[0];
    const answer = await ask('POST', `${origin}/api/v1/pairing`, {
      headers: json,
      body: JSON.stringify({ code, name, as: 'token' }),
    });
    const { operatorId, token: secret = '' } = pairingGranted.parse(answer.json);
    return { operatorId, headers: bearer(secret) };
  };
  const [kim, sam] = [await pair('Kim'), await pair('Sam')];
  const lasting = async ({ headers }: { headers: Record<string, string> }) => [
    await stream200('/api/v1/events', headers),
    await stream200('/api/v1/logs?follow=1', headers),
  ];
  const [ofKim, ofSam] = [await lasting(kim), await lasting(sam)];
  const room = await WireClient.connect(`${origin}/ws/sync`, { headers: kim.headers });
  const watching = await WireClient.connect(`${nova}?token=${await token(kim.headers)}`);
  const ended = Promise.all(ofKim.map(closed));
  const itself = await ask('DELETE', `${origin}/api/v1/operators/${kim.operatorId}`, {
    headers: kim.headers,
  });
  t.equal(itself.status, 204, 'the answer itself arrives');
  await ended;
  t.match(await room.closed(), { code: 1008 });
  t.match(await watching.closed(), { code: 1008 }, 'also what a token of theirs opened');
  t.ok(
    ofSam.every(({ destroyed }) => !destroyed),
    'others hear on',
  );
  for (const response of ofSam) response.destroy();
});

t.test('a daemon’s own socket is no operator’s', async (t) => {
  for (const daemon of ['media', 'egress', 'panel', 'outputs', 'update']) {
    const socket = join(appliance.stateDirectory, `link-${daemon}.sock`);
    const box = new ApiClient<'operator'>(linkTransport(socket));
    await t.rejects(box.call(stopBroadcast), { code: 'forbidden' }, daemon);
    await t.rejects(box.call(getSettings), { code: 'forbidden' }, daemon);
  }
  t.equal((await appliance.status()).broadcast.state, 'live', 'nobody was obeyed');
});
