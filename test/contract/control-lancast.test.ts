import { readFile } from 'node:fs/promises';
import t, { type Test } from 'tap';
import type { TokenKeeper } from '#control/access/token-keeper.ts';
import { ViewerIdentity } from '#control/access/viewer-identity.ts';
import { Lancast } from '#control/dialects/lancast.ts';
import { Audience } from '#control/domain/audience.ts';
import type { LancastStream } from '#control/status/status.ts';
import { initialSettings } from '#core/domain/settings.ts';
import { error, serverToClient, status } from '#core/protocol/lancast.ts';
import { DrivenClock } from '../support/driven-clock.ts';
import { webServer } from '../support/web-server.ts';
import { WireClient } from '../support/wire-client.ts';

t.setTimeout(30_000);

const settings = initialSettings({ deviceId: 'd', streamId: '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f' });
const startTime = '2025-12-11T15:30:00.000Z';
const onAir: LancastStream = { live: true, resolution: '1920x1080', bitrateKbps: 5_000, startTime };
const streamInfo = { resolution: '1920x1080', bitrate: 5_000, startTime };

/** LANCast on a socket as control's main.ts joins it up; `stream` is what is on air. */
async function setUp(t: Test, max = 10) {
  const clock = new DrivenClock();
  const audience = new Audience({ clock, max });
  const identity = new ViewerIdentity({ tokens: {} as TokenKeeper, settings: () => settings });
  let stream: LancastStream | null = null;
  const lancast = new Lancast({ audience, identity, stream: () => stream, clock });
  audience.events.on('audienceChanged', () => lancast.announce());
  const { url, sockets } = await webServer(t, { dialects: [lancast], clock });
  const clients: WireClient[] = [];
  t.teardown(() => {
    for (const client of clients) client.close();
  });
  /** Connects and, unless told otherwise, reads the first status. */
  const join = async (options: { cookie?: string; greeted?: boolean; autoPong?: boolean } = {}) => {
    const headers = options.cookie ? { cookie: `onair_viewer=${options.cookie}` } : {};
    const client = await WireClient.connect(`${url}/ws`, { headers, autoPong: options.autoPong ?? true });
    clients.push(client);
    if (options.greeted !== false) await client.next();
    return client;
  };
  /** What is announced is on its way. */
  const tell = (): void => clock.advance(10);
  const change = (to: LancastStream | null): void => {
    stream = to;
    lancast.announce();
    tell();
  };
  const gone = async (viewers: number): Promise<void> => {
    while (audience.viewers > viewers) await new Promise((resolve) => setImmediate(resolve));
    tell();
  };
  return { url, clock, audience, sockets, join, tell, change, gone };
}

t.test('the examples of the specification are messages of the schema, and round-trip', async (t) => {
  const examples = [
    { type: 'status', data: { live: false, viewerCount: 0 } },
    { type: 'status', data: { live: true, viewerCount: 5, streamInfo } },
    { type: 'error', data: { code: 'ROOM_FULL', message: 'Room full - maximum viewers reached' } },
  ];
  for (const example of examples) t.same(serverToClient.parse(example), example);
  t.throws(() => status.parse({ type: 'status', data: { live: true, viewerCount: -1 } }));
  t.throws(() => status.parse({ type: 'status', data: { live: 'yes', viewerCount: 1 } }));
  t.throws(() => error.parse({ type: 'error', data: { code: 'OTHER', message: 'x' } }));
});

t.test('"Sent immediately on connection": offline, without streamInfo, counting who asks', async (t) => {
  const { join } = await setUp(t);
  const client = await join({ greeted: false });
  t.same(await client.nextJson(), { type: 'status', data: { live: false, viewerCount: 1 } });
});

t.test('"and whenever stream state changes": on air, interrupted, on air again, ended', async (t) => {
  const { join, change } = await setUp(t);
  const client = await join();
  const live = { type: 'status', data: { live: true, viewerCount: 1, streamInfo } };
  const offline = { type: 'status', data: { live: false, viewerCount: 1 } };
  change(onAir);
  t.same(await client.nextJson(), live);
  change({ ...onAir, live: false });
  t.same(await client.nextJson(), offline, 'while pictures are missing it is not live');
  change(onAir);
  t.same(await client.nextJson(), live, 'and goes on under the same start time');
  change(null);
  t.same(await client.nextJson(), offline);
  change(null);
  await client.settled();
  t.equal(client.heard.length, 5, 'what has not changed is not said');
});

t.test('who comes while it is live is told at once', async (t) => {
  const { join, change } = await setUp(t);
  change(onAir);
  const client = await join({ greeted: false });
  t.same(await client.nextJson(), { type: 'status', data: { live: true, viewerCount: 1, streamInfo } });
});

t.test('"Viewer joins", "Viewer leaves": everybody hears the new count', async (t) => {
  const { join, tell, gone } = await setUp(t);
  const anna = await join();
  const ben = await join({ greeted: false });
  t.match(await ben.nextJson(), { data: { viewerCount: 2 } });
  tell();
  t.match(await anna.nextJson(), { data: { viewerCount: 2 } });
  await ben.settled();
  t.equal(ben.heard.length, 1, 'who was told on connection is not told the same again');
  ben.socket.close(1000);
  await gone(1);
  t.match(await anna.nextJson(), { data: { viewerCount: 1 } });
  await ben.closed();
});

t.test('several who come at one time are one message', async (t) => {
  const { join, tell } = await setUp(t);
  const anna = await join();
  tell();
  await Promise.all([join(), join(), join()]);
  tell();
  t.match(await anna.nextJson(), { data: { viewerCount: 4 } });
  await anna.settled();
  t.equal(anna.heard.length, 2);
});

t.test('"If at limit: Send error message, close connection"', async (t) => {
  const { join, audience, sockets, gone } = await setUp(t);
  const inside = [];
  for (let viewer = 0; viewer < 10; viewer += 1) inside.push(await join());
  const late = await join({ greeted: false });
  t.same(await late.nextJson(), {
    type: 'error',
    data: { code: 'ROOM_FULL', message: 'Room full - maximum viewers reached' },
  });
  t.match(await late.closed(), { code: 1013, reason: 'ROOM_FULL' });
  t.equal(late.heard.length, 1, 'and no status');
  t.equal(audience.viewers, 10);
  inside[0]?.close();
  await gone(9);
  await join();
  t.equal(audience.viewers, 10, 'a place that is free again is given');
  while (sockets.connections > 10) await new Promise((resolve) => setImmediate(resolve));
});

t.test('two tabs of one browser are two, and the same browser elsewhere is no more', async (t) => {
  const { join, audience, sockets, gone } = await setUp(t);
  const cookie = 'a1b2c3d4-e5f6-4789-8abc-def012345678';
  const whep = audience.enter(cookie, 'whep');
  const tabs = [await join({ cookie }), await join({ cookie })];
  t.equal(audience.viewers, 2);
  tabs[0]?.close();
  await gone(1);
  tabs[1]?.close();
  while (sockets.connections > 0) await new Promise((resolve) => setImmediate(resolve));
  t.equal(audience.viewers, 1, 'still watching over WHEP');
  whep.leave();
  t.equal(audience.viewers, 0);
});

t.test('"timeout after 30s no ping": who does not answer is gone, and everybody hears', async (t) => {
  const { join, clock, audience, gone } = await setUp(t);
  const anna = await join();
  const dead = await join({ autoPong: false });
  clock.advance(10);
  t.match(await anna.nextJson(), { data: { viewerCount: 2 } });
  for (let second = 0; second < 25; second += 5) {
    clock.advance(5_000);
    await anna.settled();
  }
  t.equal(audience.viewers, 2, 'not before 30 s');
  clock.advance(5_000);
  t.equal((await dead.closed()).code, 1006);
  await gone(1);
  t.match(await anna.nextJson(), { data: { viewerCount: 1 } });
});

t.test('what a client says is passed over: an error is for connections that are rejected', async (t) => {
  const { join, change } = await setUp(t);
  const client = await join();
  for (const said of ['{"type":"status"}', 'hello', '']) {
    client.send(said);
  }
  client.socket.send(Buffer.from([0, 1, 2]));
  for (let sent = 0; sent < 20; sent += 1) client.send('{}');
  await client.settled();
  t.equal(client.heard.length, 1, 'nothing but its first status');
  change(onAir);
  t.match(await client.nextJson(), { data: { live: true } });
});

t.test('a client that does not read hears the newest status when it does', async (t) => {
  const { join, change } = await setUp(t);
  const client = await join();
  client.socket.pause();
  for (let kbps = 1; kbps <= 60; kbps += 1)
    change({ ...onAir, bitrateKbps: kbps, resolution: 'x'.repeat(200_000) });
  client.socket.resume();
  let last = 0;
  while (last !== 60) last = (await client.nextJson()).data.streamInfo.bitrate;
  t.ok(client.heard.length < 61, `${client.heard.length - 1} of 60: old ones were left out`);
});

t.test('the specification that this holds to is the one that is written', async (t) => {
  const path = new URL('../../../shared/protocols/lancast.md', import.meta.url);
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) {
    t.comment('skipped: ../shared/protocols/lancast.md is not here');
    return;
  }
  const blocks = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => JSON.parse(json ?? ''));
  t.ok(blocks.length >= 3);
  for (const block of blocks) t.same(serverToClient.parse(block), block);
});
