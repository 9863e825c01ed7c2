import t from 'tap';
import { BusTimeline } from '#media/bus/timeline.ts';

const frameNs = 1e9 / 30;

t.test('time is CLOCK_MONOTONIC, and goes on from one encoder to the next', async (t) => {
  const timeline = new BusTimeline();
  timeline.begin(10_000, 0);
  t.equal(timeline.videoTicks(0), 900_000);
  t.equal(timeline.videoTicks(frameNs), 903_000);
  t.equal(timeline.audioTicks('aac', frameNs), 903_000, 'sound and pictures have one line');
  timeline.begin(12_000, 0);
  t.equal(timeline.videoTicks(0), 1_080_000, 'the gap of a restart is as long as it was');
});

t.test('an encoder whose clock lies back is shifted as a whole', async (t) => {
  const timeline = new BusTimeline();
  timeline.begin(10_000, 0);
  const last = timeline.videoTicks(frameNs * 30);
  timeline.begin(10_500, 0);
  const first = timeline.videoTicks(0);
  t.ok(first > last, 'later than all before');
  t.equal(timeline.audioTicks('aac', frameNs) - first, 3_000, 'sound lies to pictures as it did');
  t.equal(timeline.videoTicks(frameNs) - first, 3_000);
});

t.test('no track goes back', async (t) => {
  const timeline = new BusTimeline();
  timeline.begin(0, 0);
  const times = [0, 2e7, 1e7, 1e7, 3e7].map((timeNs) => timeline.audioTicks('opus', timeNs));
  t.ok(
    times.every((time, at) => at === 0 || time > (times[at - 1] ?? 0)),
    times.join(),
  );
});
