import type { ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { MediaStore } from '#control/hls/media-store.ts';
import { acceptAll, Feed, newOrigin } from '#test/support/hls-feed.ts';
import { HlsServer } from '#test/support/hls-server.ts';

async function start(t: Test) {
  const made = newOrigin();
  const server = await new HlsServer(made.origin).start();
  t.teardown(async () => {
    made.origin.close();
    await server.close();
  });
  const feed = new Feed(made.clock);
  made.origin.begin();
  acceptAll(made.origin, [feed.init(), ...feed.seconds(1), feed.part(true)]);
  return { ...made, server };
}

const whole = 'first 0;first 1;first 2;first 3;first 4;'; // 40 bytes

const ranges: { range: string; status: number; text?: string; contentRange?: string }[] = [
  { range: 'bytes=0-', status: 206, text: whole, contentRange: 'bytes 0-39/40' },
  { range: 'bytes=0-0', status: 206, text: 'f', contentRange: 'bytes 0-0/40' },
  { range: 'bytes=6-9', status: 206, text: '0;fi', contentRange: 'bytes 6-9/40' },
  { range: 'bytes=30-99', status: 206, text: ' 3;first 4;'.slice(-10), contentRange: 'bytes 30-39/40' },
  { range: 'bytes=-3', status: 206, text: ' 4;', contentRange: 'bytes 37-39/40' },
  { range: 'bytes=-99', status: 206, text: whole, contentRange: 'bytes 0-39/40' },
  { range: 'bytes=40-', status: 416, contentRange: 'bytes */40' },
  { range: 'bytes=-0', status: 416, contentRange: 'bytes */40' },
  { range: 'bytes=999999999999999-', status: 416, contentRange: 'bytes */40' },
  { range: 'bytes=9-6', status: 200, text: whole },
  { range: 'bytes=0-1,3-4', status: 200, text: whole },
  { range: 'bytes=-', status: 200, text: whole },
  { range: 'bytes=a-b', status: 200, text: whole },
  { range: 'lines=0-1', status: 200, text: whole },
];

t.test('ranges', async (t) => {
  const { server } = await start(t);
  for (const { range, status, text, contentRange } of ranges) {
    const answer = await server.get('segment-100.m4s', { headers: { range } });
    t.equal(answer.status, status, range);
    t.equal(answer.headers['content-range'], contentRange);
    if (text !== undefined) t.equal(answer.text, text);
    t.equal(answer.headers['content-length'], String(answer.body.length));
  }
  const conditional = await server.get('segment-100.m4s', {
    headers: { range: 'bytes=0-0', 'if-range': '"x"' },
  });
  t.equal(conditional.status, 200, 'there is no validator that If-Range could name');
});

t.test('headers', async (t) => {
  const { server, origin } = await start(t);
  for (const name of ['init-100.mp4', 'segment-100.m4s', 'part-100-0.m4s']) {
    const { headers, body } = await server.get(name);
    t.match(headers, {
      'content-type': 'video/mp4',
      'content-length': String(body.length),
      'accept-ranges': 'bytes',
      'cache-control': 'public, max-age=12, immutable',
    });
    t.notHas(headers, { 'access-control-allow-origin': String });
  }
  const { headers } = await server.get('media.m3u8');
  t.match(headers, { 'content-type': 'application/vnd.apple.mpegurl', 'cache-control': 'no-cache' });
  t.equal(headers['access-control-allow-origin'], undefined);
  origin.shareCaches(false);
  t.equal((await server.get('segment-100.m4s')).headers['cache-control'], 'private, max-age=12, immutable');
  t.equal((await server.get('media.m3u8?_HLS_msn=0')).headers['cache-control'], 'private, max-age=6');
});

t.test('HEAD tells the same without a body', async (t) => {
  const { server } = await start(t);
  for (const name of ['media.m3u8', 'init-100.mp4', 'segment-100.m4s', 'part-100-0.m4s', 'nothing']) {
    const get = await server.get(name);
    const head = await server.get(name, { method: 'HEAD' });
    t.equal(head.body.length, 0);
    t.equal(head.status, get.status);
    t.match(head.headers, {
      'content-length': get.headers['content-length'],
      'content-type': get.headers['content-type'],
    });
  }
});

t.test('the playlist is compressed for whoever takes that', async (t) => {
  const { server } = await start(t);
  const plain = await server.get('media.m3u8');
  t.equal(plain.headers['content-encoding'], undefined);
  t.equal(plain.headers.vary, 'Accept-Encoding');
  for (const coding of ['gzip', 'br, GZIP;q=0.5', 'deflate, gzip']) {
    const zipped = await server.get('media.m3u8', { headers: { 'accept-encoding': coding } });
    t.equal(zipped.headers['content-encoding'], 'gzip', coding);
    t.equal(gunzipSync(zipped.body).toString(), plain.text);
  }
  for (const coding of ['identity', 'gzip;q=0', 'br, gzip; q=0.0', 'xgzip', 'gzipped']) {
    const answer = await server.get('media.m3u8', { headers: { 'accept-encoding': coding } });
    t.equal(answer.text, plain.text, coding);
  }
});

t.test('other methods', async (t) => {
  const { server } = await start(t);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const answer = await server.get('media.m3u8', { method });
    t.match(answer, {
      status: 405,
      headers: { allow: 'GET, HEAD', 'content-type': 'application/problem+json' },
    });
  }
});

t.test('what is not there', async (t) => {
  const { server } = await start(t);
  const names = [
    'part-100-7.m4s',
    'part-99-0.m4s',
    'part-100-0.m4s/',
    'segment-101.m4s',
    'init-101.mp4',
    '',
    'x/media.m3u8',
    '%2e%2e/package.json',
    'media.m3u8%00',
    '__proto__',
    'constructor',
    'a'.repeat(4_000),
  ];
  for (const name of names) {
    const answer = await server.get(name);
    t.equal(answer.status, 404, name.slice(0, 40));
    t.equal(JSON.parse(answer.text).code, 'not-found');
  }
});

t.test('who still reads what is forgotten is cut off', (t) => {
  const store = new MediaStore();
  store.put('segment', [new Uint8Array(3)]);
  let cut = 0;
  store.get('segment')?.readers.add({ destroy: () => (cut += 1) } as unknown as ServerResponse);
  store.delete('segment');
  store.delete('segment');
  t.equal(cut, 1);
  t.equal(store.get('segment'), undefined);
  t.end();
});

t.test('memory is bounded in bytes too', async (t) => {
  const { origin, clock } = newOrigin({ windowSeconds: 120 });
  t.teardown(() => origin.close());
  origin.begin();
  const feed = new Feed(clock);
  const bytes = new Uint8Array(1024 * 1024);
  origin.accept(feed.init());
  for (const fragment of feed.seconds(30)) origin.accept({ ...fragment, bytes });
  const seconds = origin.reach?.durationSeconds ?? 0;
  t.ok(seconds > 11 && seconds < 13.5, `64 MiB are ${seconds} s of these, not the 30 that came`);
});
