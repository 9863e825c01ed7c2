import { EventEmitter } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import t, { type Test } from 'tap';
import { BlockedRequests } from '#control/hls/blocked-requests.ts';
import { OnairError } from '#core/domain/errors.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';
import { acceptAll, Feed, newOrigin } from '#test/support/hls-feed.ts';
import { HlsServer } from '#test/support/hls-server.ts';

async function start(t: Test, ...setup: Parameters<typeof newOrigin>) {
  const made = newOrigin(...setup);
  const server = await new HlsServer(made.origin).start();
  t.teardown(async () => {
    made.origin.close();
    await server.close();
  });
  return { ...made, server, feed: new Feed(made.clock) };
}

/** Segments 100 and 101 complete, 102 has two parts. */
async function onAir(t: Test) {
  const made = await start(t);
  const { origin, feed } = made;
  origin.begin();
  acceptAll(origin, [feed.init(), ...feed.seconds(2), feed.part(true), feed.part(false)]);
  return made;
}

const queries: { query: string; status: number | 'waits' }[] = [
  { query: '', status: 200 },
  { query: '?_HLS_msn=0', status: 200 },
  { query: '?_HLS_msn=0&_HLS_part=99', status: 200 },
  { query: '?_HLS_msn=100', status: 200 },
  { query: '?_HLS_msn=101', status: 200 },
  { query: '?_HLS_msn=101&_HLS_part=4', status: 200 },
  { query: '?_HLS_msn=101&_HLS_part=5', status: 200 }, // that is part 0 of 102
  { query: '?_HLS_msn=102&_HLS_part=0', status: 200 },
  { query: '?_HLS_msn=102&_HLS_part=1', status: 200 },
  { query: '?_HLS_msn=102&_HLS_part=2', status: 'waits' },
  { query: '?_HLS_msn=102', status: 'waits' },
  { query: '?_HLS_msn=103', status: 'waits' },
  { query: '?_HLS_msn=103&_HLS_part=0', status: 'waits' },
  { query: '?_HLS_msn=104', status: 400 }, // beyond the last complete segment plus two
  { query: '?_HLS_msn=999999999999999', status: 400 },
  { query: '?_HLS_msn=102&_HLS_part=16', status: 'waits' },
  { query: '?_HLS_msn=102&_HLS_part=17', status: 400 }, // the Advance Part Limit: 3 / 0.21, rounded up
  { query: '?_HLS_part=0', status: 400 },
  { query: '?_HLS_msn=&_HLS_part=0', status: 400 },
  { query: '?_HLS_msn=-1', status: 400 },
  { query: '?_HLS_msn=1e2', status: 400 },
  { query: '?_HLS_msn=0x66', status: 400 },
  { query: '?_HLS_msn=102.5', status: 400 },
  { query: '?_HLS_msn=1000000000000000000000', status: 400 },
  { query: '?_HLS_msn=100&_HLS_msn=101', status: 400 },
  { query: '?_HLS_msn=100&_HLS_part=1&_HLS_part=2', status: 400 },
  { query: '?_HLS_msn=%00', status: 400 },
  { query: '?_HLS_msn=NaN&_HLS_part=null', status: 400 },
  { query: '?_HLS_skip=YES', status: 200 },
  { query: '?_HLS_other=1&token=x', status: 200 },
];

t.test('directives', async (t) => {
  const { origin, server } = await onAir(t);
  for (const { query, status } of queries) {
    const { answer, handled, abort } = server.ask(`media.m3u8${query}`);
    await handled;
    if (status === 'waits') {
      t.equal(origin.waiting, 1, `${query} waits`);
      abort();
      while (origin.waiting > 0) await new Promise(setImmediate); // until the server has seen the abort
      continue;
    }
    const { headers, ...given } = await answer;
    t.equal(given.status, status, `${query} ${status}`);
    if (status === 400) t.equal(JSON.parse(given.text).code, 'invalid-message');
    else t.match(given.text, /URI="part-100-12.m4s"\n$/, 'the whole playlist');
  }
});

t.test('a blocking reload is answered when its part is there', async (t) => {
  const { origin, clock, server, feed } = await onAir(t);
  const third = server.ask('media.m3u8?_HLS_msn=102&_HLS_part=2');
  await third.handled;
  const next = server.ask('media.m3u8?_HLS_msn=103&_HLS_part=0');
  await next.handled;
  const whole = server.ask('media.m3u8?_HLS_msn=102');
  await whole.handled;
  t.equal(origin.waiting, 3);

  origin.accept(feed.part(false));
  const answer = await third.answer;
  t.equal(answer.status, 200);
  t.match(answer.text, /part-100-12.m4s"\n#EXT-X-PRELOAD-HINT/);
  t.equal(answer.headers['cache-control'], 'public, max-age=6');
  t.equal(origin.waiting, 2, 'only that one');

  acceptAll(origin, [feed.part(false), feed.part(false), feed.part(true)]);
  t.match((await next.answer).text, /segment-102.m4s\n/);
  t.match((await whole.answer).text, /segment-102.m4s\n/);
  t.equal(origin.waiting, 0);
  t.equal(clock.timers, 0, 'nobody waits, nothing ticks');
});

t.test('a part index beyond the segment is part 0 of the next one', async (t) => {
  const { origin, server, feed } = await onAir(t);
  const sixth = server.ask('media.m3u8?_HLS_msn=102&_HLS_part=5');
  await sixth.handled;
  acceptAll(origin, [feed.part(false), feed.part(false), feed.part(false)]);
  t.equal(origin.waiting, 1, 'there is no part 5 yet');
  acceptAll(origin, [feed.part(true)]);
  t.equal((await sixth.answer).status, 200, 'and there will be none');
});

t.test('the hinted part is sent as soon as it is there', async (t) => {
  const { origin, server, feed } = await onAir(t);
  const hinted = server.ask('part-100-12.m4s');
  await hinted.handled;
  t.equal((await server.get('part-100-13.m4s')).status, 404, 'what is not hinted is not to be had');
  origin.accept(feed.part(false));
  const answer = await hinted.answer;
  t.match(answer, { status: 200, text: 'first 12;', headers: { 'content-type': 'video/mp4' } });
});

t.test('a hint holds across a new pipeline', async (t) => {
  const { origin, clock, server } = await onAir(t);
  const hinted = server.ask('part-100-12.m4s');
  await hinted.handled;
  const second = new Feed(clock, 'second');
  acceptAll(origin, [second.init(), second.part(true)]);
  t.equal((await hinted.answer).text, 'second 0;');
});

t.test('at the end whoever waits is told', async (t) => {
  const { origin, server } = await onAir(t);
  const reload = server.ask('media.m3u8?_HLS_msn=102&_HLS_part=2');
  await reload.handled;
  const hinted = server.ask('part-100-12.m4s');
  await hinted.handled;
  origin.end();
  const ended = await reload.answer;
  t.match(ended.text, /#EXT-X-ENDLIST\n$/);
  t.equal(ended.headers['cache-control'], 'no-cache');
  t.equal((await hinted.answer).status, 404);
  t.equal(
    (await server.get('media.m3u8?_HLS_msn=150')).status,
    200,
    'directives are ignored once it has ended',
  );
});

t.test('nothing new for more than three target durations', async (t) => {
  const { origin, clock, server } = await onAir(t);
  const reload = server.ask('media.m3u8?_HLS_msn=102&_HLS_part=2');
  await reload.handled;
  clock.advance(3_000);
  t.equal(origin.waiting, 1);
  clock.advance(1_000);
  t.equal(origin.waiting, 0);
  const answer = await reload.answer;
  t.match(answer, {
    status: 503,
    headers: { 'retry-after': '1', 'content-type': 'application/problem+json' },
  });
  t.equal(JSON.parse(answer.text).code, 'unavailable');
  t.equal(clock.timers, 0);
});

t.test('on air, but no pictures yet: players wait', async (t) => {
  const { origin, server, feed } = await start(t);
  t.equal((await server.get('media.m3u8')).status, 404, 'off air they do not');
  t.equal((await server.get('media.m3u8?_HLS_msn=5')).status, 404);
  origin.begin();
  const plain = server.ask('media.m3u8');
  await plain.handled;
  const lowLatency = server.ask('media.m3u8?_HLS_msn=0');
  await lowLatency.handled;
  acceptAll(origin, [feed.init(), feed.part(true), feed.part(false)]);
  t.equal(origin.waiting, 2, 'every player needs a whole segment, hls.js too');
  acceptAll(origin, [feed.part(true)]);
  t.match((await lowLatency.answer).text, /segment-100.m4s\n/);
  const answer = await plain.answer;
  t.match(answer.text, /segment-100.m4s\n/);
  t.equal(answer.headers['cache-control'], 'no-cache');
});

t.test('a broadcast that ends before its first picture', async (t) => {
  const { origin, clock, server } = await start(t);
  origin.begin();
  const plain = server.ask('media.m3u8');
  await plain.handled;
  origin.end();
  t.equal((await plain.answer).status, 404);
  t.equal(clock.timers, 0);
});

t.test('closing', async (t) => {
  const { origin, clock, server } = await onAir(t);
  const reload = server.ask('media.m3u8?_HLS_msn=102&_HLS_part=2');
  await reload.handled;
  origin.close();
  origin.close();
  t.equal((await reload.answer).status, 503, 'not 404: players try again after a 503');
  t.equal(clock.timers, 0);
  t.equal(origin.reach, null);
});

t.test('a client that is gone already is not waited for', async (t) => {
  const { origin } = await onAir(t);
  const request = new IncomingMessage(new Socket());
  request.method = 'GET';
  const response = new ServerResponse(request);
  response.destroy();
  origin.handle(request, response, '/hls/media.m3u8', new URLSearchParams('_HLS_msn=103'));
  t.equal(origin.waiting, 0);
});

t.test('two thousand may wait, the next one is turned away', (t) => {
  const clock = new DrivenClock();
  const blocked = new BlockedRequests(clock);
  let answered = 0;
  let gaveUp = 0;
  let ready = false;
  const options = {
    attempt: () => {
      if (ready) answered += 1;
      return ready;
    },
    giveUp: () => {
      gaveUp += 1;
    },
    targetDurationSeconds: 1,
  };
  const responses = Array.from({ length: 2_000 }, () => new EventEmitter() as ServerResponse);
  for (const response of responses) blocked.add(response, options);
  t.equal(clock.timers, 1, 'one timer for all');
  const one = new EventEmitter() as ServerResponse;
  t.throws(
    () => blocked.add(one, options),
    new OnairError('unavailable', 'Too many players are waiting already.', { retryAfterSeconds: 1 }),
  );
  responses[0]?.emit('close');
  blocked.add(one, options);
  t.equal(blocked.count, 2_000);
  ready = true;
  blocked.wake();
  t.equal(answered, 2_000);
  t.equal(blocked.count, 0);
  t.equal(gaveUp, 0);
  t.equal(one.listenerCount('close'), 0);
  t.equal(clock.timers, 0);
  t.end();
});
