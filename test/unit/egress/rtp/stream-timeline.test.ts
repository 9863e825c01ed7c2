import fc from 'fast-check';
import t from 'tap';
import { SessionClock, ticksPerSecond } from '#egress/rtp/session-clock.ts';
import { StreamTimeline } from '#egress/rtp/stream-timeline.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

const videoRate = 90_000;
const audioRate = 48_000;

function session({ videoBase = 0, audioBase = 0 } = {}) {
  const clock = new DrivenClock();
  const sessionClock = new SessionClock(clock);
  return {
    clock,
    sessionClock,
    video: new StreamTimeline(sessionClock, videoRate, videoBase),
    audio: new StreamTimeline(sessionClock, audioRate, audioBase),
  };
}

t.test('the first packet is placed at the moment it arrives, on its random base', async (t) => {
  const { clock, video } = session({ videoBase: 7 });
  clock.advance(2_000);
  t.equal(video.place(1, 500, 90_000), true);
  t.equal(video.index, 0);
  t.equal(video.timestamp, 2 * videoRate + 7);
});

t.test('one pipeline: indexes and time stamps step as its own do, over both wrap-arounds', async (t) => {
  const { clock, video } = session({ videoBase: 2 ** 32 - 1_000 });
  video.place(1, 65_534, 2 ** 32 - 3_000);
  const first = video.timestamp;
  for (const [at, [sequence, timestamp]] of [
    [65_535, 0],
    [0, 3_000],
    [1, 6_000],
  ].entries()) {
    clock.advance(33);
    t.equal(video.place(1, sequence ?? 0, timestamp ?? 0), true);
    t.equal(video.index, at + 1);
    t.equal(video.timestamp, (first + 3_000 * (at + 1)) >>> 0);
  }
});

t.test('a packet lost before us stays a gap; a late and a doubled one are dropped', async (t) => {
  const { video } = session();
  video.place(1, 10, 0);
  t.equal(video.place(1, 13, 0), true);
  t.equal(video.index, 3);
  t.equal(video.place(1, 12, 0), false, 'late');
  t.equal(video.place(1, 13, 0), false, 'doubled');
  t.equal(video.index, 3);
});

t.test(
  'a new pipeline: no gap in the packets, and the gap of the wall clock in the time stamps',
  async (t) => {
    const { clock, video, audio } = session();
    video.place(1, 100, 0);
    audio.place(2, 200, 0);
    clock.advance(1_000);
    video.place(1, 101, videoRate);
    audio.place(2, 201, audioRate);
    const before = { video: video.timestamp, audio: audio.timestamp };

    clock.advance(700);
    t.equal(video.place(11, 40_000, 0), true);
    t.equal(video.index, 2);
    t.equal(video.timestamp - before.video, 63_000);
    clock.advance(55); // sound of the new pipeline comes a little later, and is still placed by the same offset
    t.equal(audio.place(12, 9, 0), true);
    t.equal(audio.index, 2);
    t.equal(audio.timestamp - before.audio, 33_600);
  },
);

t.test('whichever stream of the new pipeline comes first, both take one offset', async (t) => {
  const { clock, video, audio } = session();
  video.place(1, 1, 0);
  audio.place(2, 1, 0);
  clock.advance(900);
  audio.place(22, 1, 960);
  clock.advance(120);
  video.place(21, 1, 9_000);
  t.equal(video.ticks - audio.ticks, 600 - 120, 'in 1/6,000 s');
});

t.test('a restart within a picture does not go back in time', async (t) => {
  const { clock, video, audio } = session();
  // The first packet came 300 ms after its picture was taken, the later ones at once: session time runs ahead.
  clock.advance(300);
  video.place(1, 1, 0);
  audio.place(2, 1, 0);
  clock.advance(10);
  video.place(1, 2, 0.3 * videoRate);
  const before = video.timestamp;
  clock.advance(20);
  audio.place(12, 1, 0);
  video.place(11, 1, 0);
  t.ok(video.timestamp > before, `${video.timestamp} after ${before}`);
  t.equal(video.timestamp / videoRate, audio.timestamp / audioRate);
});

t.test('egress begins in the middle of a pipeline: its running time may be hours', async (t) => {
  const { clock, video, audio } = session();
  clock.advance(50);
  video.place(1, 7, 3_600 * videoRate);
  clock.advance(4);
  audio.place(2, 7, 3_600 * audioRate + 480);
  t.equal(video.timestamp, 0.05 * videoRate);
  t.equal(audio.timestamp, 0.06 * audioRate);
});

t.test('a stream that jumps by itself does not draw the next pipeline to a wrong time', async (t) => {
  const { clock, video, audio } = session();
  video.place(1, 1, 0);
  audio.place(2, 1, 0);
  clock.advance(20_000);
  video.place(1, 2, 400 * videoRate); // a jump within one pipeline, of the pictures only
  clock.advance(20_000);
  audio.place(12, 1, 0);
  video.place(11, 1, 0);
  t.equal(audio.timestamp / audioRate, 40);
  t.equal(video.timestamp / videoRate, 40);
});

t.test(
  'the same SSRC, but time stamps or sequence numbers that jump: a new pipeline all the same',
  async (t) => {
    const { clock, video } = session();
    clock.advance(100);
    video.place(1, 1, 100 * videoRate);
    clock.advance(500);
    t.equal(video.place(1, 2, 0), true, 'time went back 100 s');
    t.equal(video.timestamp, 54_000);
    clock.advance(900);
    t.equal(video.place(1, 40_000, 0.5 * videoRate), true, 'sequence far ahead');
    t.equal(video.index, 2);
    t.equal(video.timestamp, 1.5 * videoRate);
  },
);

t.test(
  'what a sender report says of one moment agrees between the streams, and follows no step of the wall clock',
  async (t) => {
    const { clock, sessionClock, video, audio } = session();
    clock.advance(1_500);
    const ticks = sessionClock.nowTicks();
    t.equal(video.timestampAt(ticks), 1.5 * videoRate);
    t.equal(audio.timestampAt(ticks), 1.5 * audioRate);
    const wall = sessionClock.wallClockMs();
    clock.setWall(0);
    clock.advance(250);
    t.equal(sessionClock.wallClockMs(), wall + 250);
  },
);

t.test(
  'any run of pipelines: indexes without gaps, time never back, sound and picture in step',
  async (t) => {
    const pipeline = fc.record({
      pauseMs: fc.integer({ min: 0, max: 3_000 }),
      pictures: fc.integer({ min: 1, max: 40 }),
      latencyMs: fc.integer({ min: 0, max: 400 }),
      sequence: fc.integer({ min: 0, max: 65_535 }),
      soundFirst: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(pipeline, { minLength: 1, maxLength: 8 }), (pipelines) => {
        const { clock, video, audio } = session();
        let index = -1;
        let ticks = Number.NEGATIVE_INFINITY;
        for (const [at, { pauseMs, pictures, latencyMs, sequence, soundFirst }] of pipelines.entries()) {
          clock.advance(pauseMs + latencyMs);
          for (let picture = 0; picture < pictures; picture += 1) {
            const sound = () => audio.place(2_000 + at, sequence + picture, picture * 1_600);
            if (soundFirst) sound();
            if (!video.place(1_000 + at, (sequence + picture) & 0xffff, picture * 3_000)) return false;
            if (!soundFirst) sound();
            if (video.index !== index + 1 || video.ticks < ticks) return false;
            if (Math.abs(video.ticks - audio.ticks) > 1e-6) return false;
            index = video.index;
            ticks = video.ticks;
            clock.advance(33);
          }
        }
        return true;
      }),
    );
    t.pass('held for 100 runs');
  },
);

t.test(
  'what is captured now lies ahead of what arrives now, once media has said when it began',
  async (t) => {
    const { clock, sessionClock, video } = session();
    t.equal(sessionClock.capturingTicks(), sessionClock.nowTicks(), 'nobody has said anything');
    clock.advance(10_000);
    const startedMs = clock.monotonicMs() - 240;
    // The first picture took 40 ms from the camera to here.
    video.place(1, 0, 0.2 * videoRate);
    t.equal(sessionClock.capturingTicks(), sessionClock.nowTicks());
    sessionClock.captureStartedAt(startedMs);
    const aheadMs = (): number =>
      ((sessionClock.capturingTicks() - sessionClock.nowTicks()) / ticksPerSecond) * 1000;
    t.equal(Math.round(aheadMs()), 40);
    clock.advance(3_000);
    t.equal(Math.round(aheadMs()), 40, 'and stays so');
    clock.setWall(clock.nowMs() + 3_600_000);
    t.equal(Math.round(aheadMs()), 40, 'also when network time sets the wall clock');
    sessionClock.captureStartedAt(startedMs - 60_000);
    t.equal(aheadMs(), 0, 'that was about another pipeline');
  },
);
