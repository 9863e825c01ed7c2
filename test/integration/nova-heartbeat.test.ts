import t, { type Test } from 'tap';
import { NovaBox } from '../support/nova-box.ts';
import type { NovaClient } from '../support/nova-client.ts';

// nova.md, "Heartbeat/Keepalive", "Timeout" and "Connection Parameters": 30 s, 10 s, 60 s.

async function open(t: Test): Promise<{ box: NovaBox; viewer: NovaClient }> {
  const box = await NovaBox.start();
  t.teardown(() => box.close());
  return { box, viewer: await box.join() };
}

/** "name value" of what /metrics would say. */
function figure(box: NovaBox, name: string): number | undefined {
  const samples = box.pings.metrics.flatMap(({ name: base, samples: all }) =>
    all.filter(({ labels }) => !labels).map(({ suffix = '', value }) => ({ name: base + suffix, value })),
  );
  return samples.find((sample) => sample.name === name)?.value;
}

const sum = 'onair_viewer_ping_duration_seconds_sum';
const count = 'onair_viewer_ping_duration_seconds_count';
const lost = 'onair_viewer_pings_lost_total';

t.test('a ping every 30 s, numbered; its pong is a sample of the latency', async (t) => {
  const { box, viewer } = await open(t);
  box.clock.advance(29_999);
  await viewer.settle();
  t.same(viewer.all('ping'), []);
  for (const sequence of [1, 2, 3]) {
    box.clock.advance(sequence === 1 ? 1 : 30_000 - 250);
    const ping = await viewer.next('ping');
    t.equal(ping.sequence, sequence);
    t.equal(ping.timestamp, new Date(box.clock.nowMs()).toISOString());
    box.clock.advance(250);
    viewer.pong(ping.sequence);
    await viewer.settle();
  }
  t.equal(figure(box, count), 3);
  t.equal(figure(box, sum), 0.75);
  t.equal(figure(box, lost), 0);
});

t.test('a ping unanswered for 10 s is a lost sample, and the connection stays', async (t) => {
  const { box, viewer } = await open(t);
  box.clock.advance(30_000);
  await viewer.next('ping');
  box.clock.advance(9_999);
  t.equal(figure(box, lost), 0);
  box.clock.advance(1);
  t.equal(figure(box, lost), 1);
  viewer.pong(1);
  await viewer.settle();
  t.equal(figure(box, count), 0, 'a late answer is no sample');
  box.clock.advance(30_000);
  await viewer.settle();
  t.equal(viewer.closedWith, null, 'but it shows that somebody is there');
});

t.test('60 s without a pong close the connection, and the place is free at once', async (t) => {
  const { box, viewer } = await open(t);
  box.clock.advance(59_999);
  await viewer.settle();
  t.equal(viewer.closedWith, null, 'asking something is no pong, yet it is not time');
  t.equal(box.audience.viewers, 1);
  box.clock.advance(1);
  t.equal(box.audience.viewers, 0);
  t.same(await viewer.closed(), { code: 1001, reason: 'no pong for 60 seconds' });
});

t.test('other messages do not stand for a pong', async (t) => {
  const { box, viewer } = await open(t);
  for (let second = 0; second < 59; second += 1) {
    box.clock.advance(1_000);
    await viewer.settle();
  }
  box.clock.advance(1_000);
  t.equal((await viewer.closed()).code, 1001);
});

t.test('pongs that nobody asked for, without a sequence, keep the connection', async (t) => {
  const { box, viewer } = await open(t);
  for (let round = 0; round < 6; round += 1) {
    box.clock.advance(15_000);
    viewer.pong();
    await viewer.settle();
  }
  box.clock.advance(59_000);
  await viewer.settle();
  t.equal(viewer.closedWith, null);
  t.equal(figure(box, count), 0, 'and are no samples');
  box.clock.advance(1_000);
  t.equal((await viewer.closed()).code, 1001, 'until they stay away for 60 s');
});

t.test('a sequence that was never sent is a sign of life, and nothing more', async (t) => {
  const { box, viewer } = await open(t);
  box.clock.advance(30_000);
  await viewer.next('ping');
  viewer.pong(4_711);
  await viewer.settle();
  t.equal(figure(box, count), 0);
  box.clock.advance(10_000);
  t.equal(figure(box, lost), 1);
  t.equal(viewer.closedWith, null);
});

t.test('a client that connects again gets a new session', async (t) => {
  const { box, viewer } = await open(t);
  const { viewer_id: viewerId, session_id: sessionId } = await viewer.next('connection_established');
  box.clock.advance(60_000);
  await viewer.closed();
  const again = await box.join(viewerId);
  t.not((await again.next('connection_established')).session_id, sessionId);
  t.equal(box.audience.viewers, 1);
});

t.test('a viewer who leaves leaves no timer behind', async (t) => {
  const { box, viewer } = await open(t);
  box.clock.advance(50);
  const before = box.clock.timers;
  const guest = await box.join();
  box.clock.advance(30_000);
  await guest.next('ping');
  viewer.pong(1);
  await viewer.settle();
  await guest.leave();
  await box.viewers(1);
  box.clock.advance(50);
  t.equal(box.clock.timers, before);
});
