import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { IngestAddresses } from '#core/protocol/endpoints/ingest.ts';
import type { OutputBody } from '#core/protocol/endpoints/outputs.ts';
import type { SourceListBody } from '#core/protocol/endpoints/sources.ts';
import { Appliance } from '../support/appliance.ts';
import { launchBrowser } from '../support/browser.ts';

t.setTimeout(300_000);

const settings = {
  video: { source: 'whip', width: 640, height: 360 },
  ingest: { srtPort: 0, rtmpPort: 0 },
};
const appliance = await Appliance.start({ settings });
t.teardown(() => appliance.close());
const ingest = async () => ((await appliance.call('GET', '/api/v1/ingest')) as IngestAddresses).whip;
const { url = '', token = '' } = (await ingest()) ?? {};
const stateOf = async () =>
  ((await appliance.call('GET', '/api/v1/sources')) as SourceListBody).sources.find(
    ({ id }) => id === 'whip',
  );

/** On a busy machine WebRTC takes its time. */
const boundMs = 60_000;
const inState = (state: string) => appliance.until(({ broadcast }) => broadcast.state === state, boundMs);

/** What is told of a publisher comes by way of media: a moment after the publisher knows. */
async function until<T>(look: () => Promise<T>, holds: (seen: T) => boolean): Promise<T> {
  for (const deadlineMs = performance.now() + boundMs; ; await setTimeout(50)) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() > deadlineMs) throw new Error(`not so: ${JSON.stringify(seen)}`);
  }
}

interface Publishing {
  status: number;
  location: string | null;
  etag: string | null;
}

/** What runs in the page. */
const pageScript = `
  globalThis.publish = async (url, token, codec) => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 240 } });
    const connection = new RTCPeerConnection();
    globalThis.connection = connection;
    for (const track of stream.getTracks()) {
      const transceiver = connection.addTransceiver(track, { direction: 'sendonly', streams: [stream] });
      if (track.kind === 'video' && codec)
        transceiver.setCodecPreferences(RTCRtpSender.getCapabilities('video').codecs.filter(({ mimeType }) => mimeType === codec));
    }
    await connection.setLocalDescription();
    const headers = { 'content-type': 'application/sdp', authorization: 'Bearer ' + token };
    const answer = await fetch(url, { method: 'POST', headers, body: connection.localDescription.sdp });
    const text = await answer.text();
    if (answer.status === 201) await connection.setRemoteDescription({ type: 'answer', sdp: text });
    const location = answer.headers.get('location');
    return { status: answer.status, location: location && new URL(location, url).href, etag: answer.headers.get('etag') };
  };
  globalThis.end = async (location) => (await fetch(location, { method: 'DELETE' })).status;
`;

/** A page of another origin, in Chromium with a camera that is none. */
async function publisherPage(t: Test): Promise<Page> {
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<title>Publisher</title>'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await launchBrowser({
    args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
  });
  t.teardown(async () => {
    await browser.close();
    server.close();
  });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.evaluate(pageScript);
  return page;
}

const publish = (page: Page, key: string, codec: string | null): Promise<Publishing> =>
  page.evaluate(`publish(${JSON.stringify(url)}, ${JSON.stringify(key)}, ${JSON.stringify(codec)})`);

t.test('who has not the key is refused, and so is what is no offer', async (t) => {
  t.match(JSON.parse((await appliance.onair('ingest', '--json')).stdout), { whip: { url, token } });
  const post = (authorization: string | null, body = 'v=0\r\n', type = 'application/sdp') =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': type, ...(authorization ? { authorization } : {}) },
      body,
    });
  const anonymous = await post(null);
  t.equal(anonymous.status, 401);
  t.equal(anonymous.headers.get('www-authenticate'), 'Bearer');
  t.equal((await post(`Bearer ${token}x`)).status, 401);
  t.equal((await post(`Bearer ${token}`)).status, 400);
  t.equal((await post(`Bearer ${token}`, '{}', 'application/json')).status, 415);
  t.equal((await post(`Bearer ${token}`, `v=0\r\n${'a=x\r\n'.repeat(20_000)}`)).status, 413);
  t.equal((await ingest())?.publisher, null);
});

t.test('a browser takes the box live by WHIP; a second one is turned away; DELETE ends it', async (t) => {
  const page = await publisherPage(t);
  const { status, location, etag } = await publish(page, token, 'video/H264');
  t.equal(status, 201);
  t.ok(etag, 'another origin may read the ETag');
  if (location === null) throw new Error('no Location');
  const { broadcast } = await inState('live');
  await until(stateOf, (source) => source?.state === 'on-air');
  t.match(await ingest(), { publisher: { address: '127.0.0.1' }, reason: null });
  await t.test('what a session takes', async (t) => {
    const patch = (match: string | null, body: string) =>
      fetch(location, {
        method: 'PATCH',
        headers: {
          'content-type': 'application/trickle-ice-sdpfrag',
          ...(match ? { 'if-match': match } : {}),
        },
        body,
      });
    t.equal((await patch(null, 'a=end-of-candidates\r\n')).status, 428);
    t.equal((await patch('"another"', 'a=end-of-candidates\r\n')).status, 412);
    t.equal((await patch(etag, 'a=end-of-candidates\r\n')).status, 204);
    const restart = await patch('*', 'a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n');
    t.equal(restart.status, 422);
  });
  const second = await publisherPage(t);
  t.equal((await publish(second, token, null)).status, 409);
  t.match(await until(ingest, (whip) => whip?.reason?.code === 'publisher-second'), { publisher: {} });
  t.equal(await page.evaluate(`end(${JSON.stringify(location)})`), 200);
  await until(ingest, (whip) => whip?.publisher === null);
  await inState('retrying');
  t.equal((await fetch(location, { method: 'DELETE' })).status, 404);

  t.equal((await publish(second, token, 'video/VP8')).status, 201);
  const again = await inState('live');
  t.equal(again.broadcast.startTime, broadcast.startTime, 'the broadcast goes on, with VP8');
  await second.close();
  await until(ingest, (whip) => whip?.publisher === null);
  await appliance.onair('stop');
});

t.test("another box's output is a publisher as well", async (t) => {
  const other = await Appliance.start({ settings: { video: { width: 320, height: 180, bitrateKbps: 500 } } });
  t.teardown(() => other.close());
  const output = { name: 'Box', url, key: token };
  t.match((await other.call('POST', '/api/v1/outputs', output)) as OutputBody, { kind: 'whip' });
  await other.onair('live');
  await inState('live');
  await until(stateOf, (source) => source?.state === 'on-air');
  await other.onair('stop');
  await until(ingest, (whip) => whip?.publisher === null);
  t.notMatch(await other.logs(), new RegExp(token), 'no key in a log');
  t.notMatch(await appliance.logs(), new RegExp(token), 'no key in a log');
});
