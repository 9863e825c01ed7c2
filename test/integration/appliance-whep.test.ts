import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { ask } from '../support/ask.ts';
import { offerText } from '../support/offer.ts';
import { WebRtcViewer } from '../support/webrtc-viewer.ts';

const sdp = { 'content-type': 'application/sdp' };
const fragment = { 'content-type': 'application/trickle-ice-sdpfrag' };

const appliance = await Appliance.start({
  settings: { video: { width: 320, height: 240, framesPerSecond: 10 } },
});
t.teardown(() => appliance.close());
const origin = await appliance.origin();

t.test('nothing is on air: 409, and when to come again', async (t) => {
  const answer = await ask('POST', `${origin}/whep`, { headers: sdp, body: offerText() });
  t.equal(answer.status, 409);
  t.match(answer.headers, { 'content-type': 'application/problem+json', 'retry-after': /^\d+$/ });
  t.match(answer.json, { code: 'conflict', title: /on air/, action: /button/ });
  t.equal((await appliance.onair('live')).exitCode, 0);
});

t.test('a session from its offer to its end', async (t) => {
  const created = await ask('POST', `${origin}/whep`, { headers: sdp, body: offerText() });
  t.equal(created.status, 201);
  t.match(created.headers, {
    'content-type': 'application/sdp',
    location: /^\/whep\/[\w-]+$/,
    etag: /^"[\w+/]+"$/,
    'accept-patch': 'application/trickle-ice-sdpfrag',
    'cache-control': 'no-store',
  });
  t.match(created.text, /^v=0\r\n/);
  t.match(created.text, /\r\na=sendonly\r\n/);
  t.match(created.text, /\r\na=rtpmap:102 H264\/90000\r\n/);
  t.match(created.text, /\r\na=rtpmap:111 opus\/48000\/2\r\n/);
  t.match(created.text, /\r\na=candidate:.* typ host/, 'all its candidates are in the answer');
  await appliance.until(({ audience }) => audience.viewers === 1);

  const session = `${origin}${created.headers.location}`;
  const body = 'a=ice-ufrag:Fu2G\r\nm=video 9 UDP/TLS/RTP/SAVPF 102\r\na=mid:0\r\n';
  const candidate = 'a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host\r\na=end-of-candidates\r\n';
  const mine = { ...fragment, 'if-match': String(created.headers.etag) };
  const trickled = await ask('PATCH', session, { headers: mine, body: body + candidate });
  t.equal(trickled.status, 204);
  t.equal(trickled.headers.etag, undefined);
  t.equal((await ask('PATCH', session, { headers: fragment, body })).status, 428, 'no If-Match');
  const other = { ...fragment, 'if-match': '"other"' };
  t.equal((await ask('PATCH', session, { headers: other, body })).status, 412, 'another ICE session');
  t.equal((await ask('PATCH', session, { headers: sdp, body })).status, 415, 'a candidate of another type');
  t.equal((await ask('PATCH', session, { headers: mine, body: 'nonsense' })).status, 400);
  t.equal((await ask('GET', session)).status, 204, 'there is nothing to GET');

  t.equal((await ask('DELETE', session)).status, 200);
  await appliance.until(({ audience }) => audience.viewers === 0);
  const again = await ask('DELETE', session);
  t.equal(again.status, 404, 'it is over');
  t.match(again.json, { code: 'not-found' });
  t.equal((await ask('PATCH', session, { headers: fragment, body })).status, 404);
});

t.test('thirteen viewers come and go at once: every place is free again', async (t) => {
  for (let round = 0; round < 13; round += 1) {
    const viewer = new WebRtcViewer();
    t.teardown(() => viewer.close());
    const created = await ask('POST', `${origin}/whep`, {
      headers: sdp,
      body: await viewer.offer({ bare: true }),
    });
    t.equal(created.status, 201, `viewer ${round + 1}`);
    viewer.accept(created.text);
    // The word that this one is connected, and the wish to end it, cross on their way.
    await viewer.until('state', () => viewer.states.includes('connected'));
    t.equal((await ask('DELETE', `${origin}${created.headers.location}`)).status, 200);
    viewer.close();
  }
  await appliance.until(({ audience }) => audience.viewers === 0);
  const places = Array.from({ length: 10 }, () =>
    ask('POST', `${origin}/whep`, { headers: sdp, body: offerText() }),
  );
  for (const { status, headers } of await Promise.all(places)) {
    t.equal(status, 201, 'a place');
    await ask('DELETE', `${origin}${headers.location}`);
  }
  await appliance.until(({ audience }) => audience.viewers === 0);
});

t.test('the query of the request is kept in Location', async (t) => {
  const created = await ask('POST', `${origin}/whep?proxy=a&b=%20`, { headers: sdp, body: offerText() });
  t.match(created.headers.location, /^\/whep\/[\w-]+\?proxy=a&b=%20$/);
  t.equal((await ask('DELETE', `${origin}${created.headers.location}`)).status, 200);
});

t.test('pages of the sites that the operator names may watch, and no others', async (t) => {
  const foreign = { origin: 'https://example.org' };
  for (const [method, path] of [
    ['OPTIONS', '/whep'],
    ['POST', '/whep'],
    ['GET', '/hls/live.m3u8'],
    ['OPTIONS', '/hls/live.m3u8'],
  ] as const) {
    const refused = await ask(method, `${origin}${path}`, { headers: { ...sdp, ...foreign } });
    t.match(refused, { status: 403, json: { code: 'forbidden' } }, `${method} ${path}`);
    t.equal(refused.headers['access-control-allow-origin'], undefined);
    t.equal(refused.headers['cross-origin-resource-policy'], 'same-origin');
  }
  await appliance.call('PATCH', '/api/v1/settings', { viewing: { embedOrigins: ['https://example.org'] } });
  const other = await ask('OPTIONS', `${origin}/whep`, { headers: { origin: 'https://example.com' } });
  t.match(other, { status: 403, headers: { vary: /Origin/ } });
  const preflight = await ask('OPTIONS', `${origin}/whep`, {
    headers: { ...foreign, 'access-control-request-method': 'POST' },
  });
  t.equal(preflight.status, 200);
  t.match(preflight.headers, {
    'access-control-allow-origin': 'https://example.org',
    'access-control-allow-methods': /POST.*PATCH.*DELETE/,
    'access-control-allow-headers': /Content-Type/,
    'accept-post': 'application/sdp',
  });
  const created = await ask('POST', `${origin}/whep`, { headers: { ...sdp, ...foreign }, body: offerText() });
  t.equal(created.status, 201);
  t.match(created.headers, {
    'access-control-allow-origin': 'https://example.org',
    'access-control-expose-headers': /Location.*ETag/,
  });
  t.equal(created.headers['access-control-allow-credentials'], undefined, 'without credentials');
  const session = `${origin}${created.headers.location}`;
  t.equal((await ask('OPTIONS', session, { headers: foreign })).status, 200);
  t.equal((await ask('DELETE', session, { headers: foreign })).status, 200);
});

t.test('what is no offer that can be answered', async (t) => {
  const refused = [
    { what: 'no SDP at all', body: '{"hello":1}', title: /SDP/ },
    { what: 'a broken SDP', body: 'v=0\r\nm=video\r\n', title: /./ },
    { what: 'an empty body', body: '', title: /./ },
    { what: 'no H.264', body: offerText({ video: 'VP8' }), title: /H\.264.*VP8/ },
    { what: 'no video', body: offerText({ video: null }), title: /video/ },
    { what: 'no fingerprint', body: offerText().replace(/a=fingerprint.*\r\n/g, ''), title: /fingerprint/ },
  ];
  for (const { what, body, title } of refused) {
    const answer = await ask('POST', `${origin}/whep`, { headers: sdp, body });
    t.equal(answer.status, 400, what);
    t.match(answer.headers, { 'content-type': 'application/problem+json' });
    t.match(answer.json, { status: 400, code: 'invalid-message', title });
  }
  const type = await ask('POST', `${origin}/whep`, {
    headers: { 'content-type': 'application/json' },
    body: offerText(),
  });
  t.equal(type.status, 415);
  t.match(type.json, { title: /application\/sdp/ });
  const none = await ask('POST', `${origin}/whep`, { body: offerText() });
  t.equal(none.status, 415, 'no Content-Type');
  await appliance.until(({ audience }) => audience.viewers === 0);
});

t.test('a body of 10 MB', async (t) => {
  const body = Buffer.alloc(10_000_000, 0x61);
  for (const length of [{ 'content-length': String(body.length) }, { 'transfer-encoding': 'chunked' }]) {
    const answer = await ask('POST', `${origin}/whep`, { headers: { ...sdp, ...length }, body });
    t.equal(answer.status, 413, JSON.stringify(length));
    t.match(answer.json, { code: 'too-large' });
  }
});

t.test('a full house: 503, and when to come again', async (t) => {
  await appliance.call('PATCH', '/api/v1/settings', { viewing: { maxViewers: 1 } });
  const first = await ask('POST', `${origin}/whep`, { headers: sdp, body: offerText() });
  t.equal(first.status, 201);
  const second = await ask('POST', `${origin}/whep`, { headers: sdp, body: offerText() });
  t.equal(second.status, 503);
  t.match(second.headers, { 'retry-after': /^\d+$/ });
  t.match(second.json, { code: 'full', title: /place/ });
  await ask('DELETE', `${origin}${first.headers.location}`);
  const third = await ask('POST', `${origin}/whep`, { headers: sdp, body: offerText() });
  t.equal(third.status, 201, 'the place is free again');
  await ask('DELETE', `${origin}${third.headers.location}`);
});

t.test('and the broadcast has gone on', async (t) => {
  const { broadcast, advancing } = await appliance.status();
  t.equal(broadcast.state, 'live');
  t.ok(advancing);
});
