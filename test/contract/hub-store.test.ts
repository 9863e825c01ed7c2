import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type RedisClientType } from 'redis';
import t, { type Test } from 'tap';
import { deviceTimeoutMs, type HubMessage, type HubStore } from '#control/domain/devices.ts';
import { MemoryHubStore } from '#control/hub/memory-hub-store.ts';
import { RedisHubStore } from '#control/hub/redis-hub-store.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { DrivenClock } from '../support/driven-clock.ts';
import { hasRedis, TestRedis } from '../support/redis.ts';

// One contract for what a hub keeps, in memory and in Redis.

const logger = createLogger('hub-test', 'silent');

const clock = new DrivenClock();

interface Made {
  store: HubStore;
  /** The store as a second process of the hub sees it; the memory's is the same one. */
  other: HubStore;
  close(): Promise<void>;
}

async function inMemory(): Promise<Made> {
  const folder = await mkdtemp(join(tmpdir(), 'onair-hub-'));
  const store = new MemoryHubStore({ path: join(folder, 'devices.json'), clock, logger });
  await store.start();
  return {
    store,
    other: store,
    close: async () => {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function inRedis(): Promise<Made> {
  const redis = await TestRedis.start();
  const [store, other] = await Promise.all(
    [0, 1].map(async () => {
      const made = new RedisHubStore({ url: redis.url, logger });
      await made.start();
      await made.ready();
      return made;
    }),
  );
  if (!store || !other) throw new Error('no stores');
  return {
    store,
    other,
    close: async () => {
      await Promise.all([store.close(), other.close()]);
      await redis.close();
    },
  };
}

for (const [name, make, skip] of [
  ['memory', inMemory, false],
  ['Redis', inRedis, hasRedis() ? false : 'redis-server is not installed'],
] as const) {
  t.test(name, { skip }, async (t) => {
    const { store, other, close } = await make();
    t.teardown(close);

    await t.test('enrolment: known to all, once, until removed', async (t) => {
      t.equal(await store.find('cam'), null);
      const device = { id: 'cam', name: 'Kitchen', keyDigest: 'abc' };
      await store.enroll(device);
      t.same(await other.find('cam'), device);
      t.same(await other.list(), [device]);
      await t.rejects(other.enroll({ ...device, name: 'Thief' }), { code: 'conflict' });
      t.same(await store.find('cam'), device, 'the first one stays');
      await store.remove('cam');
      t.equal(await other.find('cam'), null);
      t.same(await other.list(), []);
    });

    await t.test('presence of enrolled devices only', async (t) => {
      await store.setOnline('nobody', 'node-1', clock.nowMs(), { battery: 1 });
      await store.keepOnline('nobody', 'node-1', clock.nowMs(), { battery: 1 });
      t.equal(await other.state('nobody'), null);
      for (const id of ['cam', 'old', 'leaps', 'removed']) {
        await store.enroll({ id, name: id, keyDigest: 'abc' });
      }
    });

    await t.test('a heartbeat that comes late does not bring a removed device back', async (t) => {
      await store.setOnline('removed', 'node-1', clock.nowMs(), { battery: 1 });
      await other.remove('removed');
      await store.keepOnline('removed', 'node-1', clock.nowMs(), { battery: 1 });
      await store.setOffline('removed', 'node-1', clock.nowMs());
      t.equal(await other.state('removed'), null);
    });

    await t.test('presence: what was told last, what is not told stays', async (t) => {
      const atMs = clock.nowMs();
      t.equal(await store.state('cam'), null);
      await store.setOnline('cam', 'node-1', atMs, null);
      t.same(await other.state('cam'), { nodeId: 'node-1', presence: null, lastSeenAtMs: atMs });
      await store.keepOnline('cam', 'node-1', atMs + 1, { battery: 85, recording: false });
      await store.keepOnline('cam', 'node-1', atMs + 2, null);
      t.same(await other.state('cam'), {
        nodeId: 'node-1',
        presence: { battery: 85, recording: false },
        lastSeenAtMs: atMs + 2,
      });
    });

    await t.test('offline: only from the process that has it', async (t) => {
      const atMs = clock.nowMs();
      await store.setOnline('cam', 'node-1', atMs, null);
      await other.setOnline('cam', 'node-2', atMs, null);
      await store.keepOnline('cam', 'node-1', atMs + 4, { battery: 1 });
      t.equal((await store.state('cam'))?.nodeId, 'node-2', 'nor does a late heartbeat take it back');
      await store.setOffline('cam', 'node-1', atMs + 5);
      t.equal((await store.state('cam'))?.nodeId, 'node-2', 'the device has moved on meanwhile');
      await other.setOffline('cam', 'node-2', atMs + 9);
      t.match(await store.state('cam'), { nodeId: null, lastSeenAtMs: atMs + 9 });
    });

    // In Redis time goes by Redis' clock, which the test below looks at.
    const inOurTime = { skip: name === 'Redis' };
    await t.test(
      'a device that nobody has seen for 90 s is offline, even when the process that held it has died',
      inOurTime,
      async (t) => {
        await store.setOnline('old', 'node-1', clock.nowMs(), { battery: 5 });
        clock.advance(deviceTimeoutMs);
        t.match(await other.state('old'), { nodeId: 'node-1' });
        clock.advance(1_000);
        t.match(await other.state('old'), { nodeId: null, presence: { battery: 5 } });
      },
    );

    await t.test('nor does a clock that is set take it away', async (t) => {
      for (const years of [10, -10]) {
        await store.setOnline('leaps', 'node-1', clock.nowMs(), null);
        clock.setWall(clock.nowMs() + years * 365 * 86_400_000);
        t.match(await other.state('leaps'), { nodeId: 'node-1' });
        await store.keepOnline('leaps', 'node-1', clock.nowMs(), null);
        t.match(await other.state('leaps'), { nodeId: 'node-1' });
      }
    });

    await t.test('watch sessions', async (t) => {
      const session = { id: 's1', deviceId: 'cam', viewerId: 'v1', viewerNode: 'node-1' };
      t.equal(await store.session('s1'), null);
      await store.putSession(session);
      t.same(await other.session('s1'), session);
      await other.deleteSession('s1');
      t.equal(await store.session('s1'), null);
    });

    await t.test('messages: to one process, and to all', async (t) => {
      const heard: Record<string, HubMessage[]> = { 'node-a': [], 'node-b': [] };
      let wake = (): void => {};
      const listen = async (on: HubStore, nodeId: string): Promise<void> =>
        await on.onMessage(nodeId, (message) => {
          heard[nodeId]?.push(message);
          wake();
        });
      await listen(store, 'node-a');
      await listen(other, 'node-b');
      const until = async (reached: () => boolean): Promise<void> => {
        while (!reached()) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      };
      const answer: HubMessage = {
        kind: 'to-viewer',
        deviceId: 'cam',
        signal: { kind: 'answer', sessionId: 's1', sdp: 'v=0' },
      };
      await store.publish('node-b', answer);
      await until(() => (heard['node-b']?.length ?? 0) > 0);
      t.same(heard, { 'node-a': [], 'node-b': [answer] });
      const lost: HubMessage = { kind: 'device-removed', deviceId: 'cam' };
      await other.publish('*', lost);
      await until(() => (heard['node-a']?.length ?? 0) > 0 && (heard['node-b']?.length ?? 0) > 1);
      t.same(heard, { 'node-a': [lost], 'node-b': [answer, lost] });
    });

    await t.test('one key for all processes', async (t) => {
      const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
      const agreed = await store.sharedKey(first);
      t.same(Buffer.from(agreed), first);
      if (other !== store) t.same(Buffer.from(await other.sharedKey(second)), first, "the first one's");
    });
  });
}

async function rawRedis(t: Test, url: string): Promise<RedisClientType> {
  const client = createClient({ url }) as RedisClientType;
  await client.connect();
  t.teardown(() => client.close());
  return client;
}

t.test(
  'Redis forgets by itself what a process that fell has left',
  { skip: hasRedis() ? false : 'redis-server is not installed' },
  async (t) => {
    const redis = await TestRedis.start();
    t.teardown(() => redis.close());
    const store = new RedisHubStore({ url: redis.url, logger });
    t.teardown(() => store.close());
    await store.start();
    await store.ready();
    const raw = await rawRedis(t, redis.url);
    await store.enroll({ id: 'cam', name: 'Kitchen', keyDigest: 'abc' });
    await store.setOnline('cam', 'node-1', clock.nowMs(), { battery: 5 });
    await store.putSession({ id: 's1', deviceId: 'cam', viewerId: 'v1', viewerNode: 'node-1' });
    const lifetimes: Record<string, number> = {};
    for (const key of await raw.keys('*')) lifetimes[key] = await raw.pTTL(key);
    const lasting = Object.keys(lifetimes).filter((key) => (lifetimes[key] ?? 0) < 0);
    t.same(lasting.sort(), ['onair:device:cam', 'onair:devices'], 'the enrolment, and when it was seen');
    const fading = Object.keys(lifetimes).filter((key) => !lasting.includes(key));
    t.same(fading.sort(), ['onair:device:cam:node', 'onair:watch:s1']);
    t.ok((lifetimes['onair:device:cam:node'] ?? 0) <= deviceTimeoutMs);
    t.ok((lifetimes['onair:watch:s1'] ?? 0) <= 120_000);
    for (const key of fading) await raw.pExpire(key, 0);
    t.match(await store.state('cam'), { nodeId: null, presence: { battery: 5 } });
    t.equal(await store.session('s1'), null);
    await store.remove('cam');
    t.same(await raw.keys('*'), [], 'and nothing at all is left of a device that was removed');
  },
);

const skip = hasRedis() ? false : 'redis-server is not installed';
t.test('without Redis the hub says so at once, and is there again when Redis is', { skip }, async (t) => {
  const redis = await TestRedis.start();
  const port = Number(new URL(redis.url).port);
  const store = new RedisHubStore({ url: redis.url, logger });
  t.teardown(() => store.close());
  await store.start();
  await store.ready();
  await redis.close();
  await t.rejects(store.list(), { code: 'unavailable' });
  const again = await TestRedis.start(port);
  t.teardown(() => again.close());
  await store.ready();
  t.same(await store.list(), []);
});
