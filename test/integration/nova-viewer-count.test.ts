import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import type { Seat } from '#control/domain/audience.ts';
import { NovaBox, streamId } from '../support/nova-box.ts';
import type { NovaClient } from '../support/nova-client.ts';

// nova.md, "Viewer Count Messages" and "Message Batching".

const batchMs = 50;

async function open(t: Test, options: { maxViewers?: number } = {}): Promise<NovaBox> {
  const box = await NovaBox.start(options);
  t.teardown(() => box.close());
  return box;
}

/** Each message's count is the count before it plus its change. */
function addsUp(client: NovaClient): boolean {
  const counts = client.all('viewer_count_changed');
  return counts.every(({ viewer_count, change }, index) => {
    const before = counts[index - 1]?.viewer_count;
    return before === undefined || before + change === viewer_count;
  });
}

t.test('a join and a leave are told to everybody after the batch time, not before', async (t) => {
  const box = await open(t);
  const first = await box.join();
  box.clock.advance(batchMs - 1);
  await first.settle();
  t.same(first.all('viewer_count_changed'), []);
  box.clock.advance(1);
  t.same(await first.next('viewer_count_changed'), {
    stream_id: streamId,
    viewer_count: 1,
    peak_viewers: 1,
    change: 1,
    timestamp: '2026-01-02T03:04:05.050Z',
  });
  const second = await box.join();
  box.clock.advance(batchMs);
  for (const viewer of [first, second]) {
    t.match(await viewer.next('viewer_count_changed'), { viewer_count: 2, peak_viewers: 2, change: 1 });
  }
  await second.leave();
  await box.viewers(1);
  box.clock.advance(batchMs);
  t.match(await first.next('viewer_count_changed'), { viewer_count: 1, peak_viewers: 2, change: -1 });
});

t.test('what happens within the batch time is one message', async (t) => {
  const box = await open(t);
  const viewer = await box.join();
  box.clock.advance(batchMs);
  await viewer.next('viewer_count_changed');
  for (let each = 0; each < 5; each += 1) box.audience.enter(randomUUID(), 'whep');
  const seat = box.audience.enter(randomUUID(), 'lancast');
  seat.leave();
  box.clock.advance(batchMs);
  t.match(await viewer.next('viewer_count_changed'), { viewer_count: 6, peak_viewers: 7, change: 5 });
  await viewer.settle();
  t.equal(viewer.all('viewer_count_changed').length, 2);
});

t.test('who comes and goes within one batch changes nothing, and nothing is told', async (t) => {
  const box = await open(t);
  const viewer = await box.join();
  box.clock.advance(batchMs);
  await viewer.next('viewer_count_changed');
  box.audience.enter(randomUUID(), 'whep').leave();
  box.clock.advance(10 * batchMs);
  await viewer.settle();
  t.equal(viewer.all('viewer_count_changed').length, 1);
});

t.test(
  'who is first here after others came by other ways hears the count, and only its own change',
  async (t) => {
    const box = await open(t);
    for (let each = 0; each < 3; each += 1) box.audience.enter(randomUUID(), 'hls');
    box.clock.advance(1_000);
    const viewer = await box.join();
    box.clock.advance(batchMs);
    t.match(await viewer.next('viewer_count_changed'), { viewer_count: 4, change: 1 });
  },
);

t.test(
  'who adds nobody (a viewer who watches another way already) hears the count all the same',
  async (t) => {
    const box = await open(t);
    const other = await box.join();
    const viewerId = randomUUID();
    box.audience.enter(viewerId, 'whep');
    box.clock.advance(batchMs);
    await other.next('viewer_count_changed');
    const viewer = await box.join(viewerId);
    box.clock.advance(batchMs);
    t.match(await viewer.next('viewer_count_changed'), { viewer_count: 2, change: 0 });
    await other.settle();
    t.equal(other.all('viewer_count_changed').length, 1, 'nothing changed for the others');
  },
);

t.test('a new limit is no change', async (t) => {
  const box = await open(t);
  const viewer = await box.join();
  box.clock.advance(batchMs);
  await viewer.next('viewer_count_changed');
  box.audience.setMax(3);
  box.clock.advance(batchMs);
  await viewer.settle();
  t.equal(viewer.all('viewer_count_changed').length, 1);
});

t.test('under churn, changes always add up to the count', async (t) => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('enter' as const) }),
    fc.record({ do: fc.constant('leave' as const), which: fc.nat(50) }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 120 }) }),
  );
  const box = await open(t, { maxViewers: 1_000 });
  const witness = await box.join();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const seats: Seat[] = [];
      for (const each of steps) {
        if (each.do === 'enter') seats.push(box.audience.enter(randomUUID(), 'whep'));
        else if (each.do === 'leave') seats.splice(each.which % Math.max(1, seats.length), 1)[0]?.leave();
        else box.clock.advance(each.ms);
      }
      witness.pong();
      box.clock.advance(1_000);
      await witness.settle();
      const { viewer_count: told } = witness.all('viewer_count_changed').at(-1) ?? { viewer_count: -1 };
      const sum = witness.all('viewer_count_changed').reduce((total, { change }) => total + change, 0);
      const right = told === box.audience.viewers && sum === told && addsUp(witness);
      for (const seat of seats) seat.leave();
      box.clock.advance(batchMs);
      return right;
    }),
    { numRuns: 40, seed: 20_260_102 },
  );
});

t.test('viewers that come and go themselves add up for every one of them', async (t) => {
  const box = await open(t, { maxViewers: 50 });
  const stay = await box.join();
  const everybody = [stay];
  for (let round = 0; round < 4; round += 1) {
    const guests = await Promise.all([box.join(), box.join(), box.join()]);
    everybody.push(...guests);
    box.clock.advance(20);
    await guests[0].leave();
    box.clock.advance(batchMs);
    for (const guest of guests.slice(1)) await guest.leave();
    await box.viewers(1);
  }
  box.clock.advance(batchMs);
  await stay.settle();
  t.ok(everybody.every(addsUp));
  t.equal(stay.all('viewer_count_changed').at(-1)?.viewer_count, 1);
});
