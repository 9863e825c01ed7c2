import t from 'tap';
import { liveHub } from '#test/support/hub-of-fakes.ts';

t.test('the light is told the truth: parts and packets, both of them, now', (t) => {
  const { director, clock, flow, play, egress, part } = liveHub();
  const said: boolean[] = [];
  director.events.on('advancingChanged', ({ advancing }) => said.push(advancing));
  t.equal(director.advancing, true);
  play(5_000);
  t.same(said, []);
  flow(false);
  t.same(said.splice(0), [false], 'no packets, at once');
  flow(true);
  t.same(said.splice(0), [true]);
  clock.advance(1_600);
  t.same(said.splice(0), [false], 'no parts');
  part();
  t.same(said.splice(0), [true]);
  egress.leave();
  t.same(said.splice(0), [false], 'nobody sends packets on');
  t.end();
});

t.test('a slow source has five of its frames’ time', (t) => {
  const { director, clock, flow, egress, media, part } = liveHub();
  const said: boolean[] = [];
  director.events.on('advancingChanged', ({ advancing }) => said.push(advancing));
  const format = {
    encoder: 'x264enc',
    width: 640,
    height: 360,
    bitrateKbps: 100,
    audio: false,
    source: 'test',
  };
  const runsAt = (framesPerSecond: number): void =>
    media.say('media_state', {
      ...{ state: 'running', pipelineId: 'p1', reason: null, attempt: 0 },
      format: { ...format, framesPerSecond },
    });
  runsAt(1);
  for (let second = 0; second < 10; second += 1) {
    flow(false); // egress says so after each second without
    flow(true);
    part();
    clock.advance(2_000);
  }
  t.same(said, [], 'one frame each two seconds, and the light stays');
  part();
  flow(false);
  clock.advance(3_900);
  part();
  t.same(said, []);
  clock.advance(250);
  t.same(said.splice(0), [false], 'no packets for five seconds');
  flow(true);
  t.same(said.splice(0), [true]);
  clock.advance(5_600);
  t.same(said.splice(0), [false], 'no parts for five seconds');
  part();
  t.same(said.splice(0), [true]);
  runsAt(30);
  clock.advance(1_600);
  t.same(said.splice(0), [false], 'at 30 frames a second it is one second again');
  egress.leave();
  runsAt(1);
  part();
  t.same(said, [], 'nobody sends packets on: no time for that');
  t.end();
});

t.test('a stop puts the light out at once, though pictures are still on their way', (t) => {
  const { broadcast, director, part, pipeline, media } = liveHub();
  broadcast.stop();
  t.equal(director.advancing, false);
  t.same(media.toldTypes(), ['media_stop']);
  part();
  t.equal(broadcast.snapshot.state, 'stopping');
  pipeline('idle');
  t.equal(broadcast.snapshot.state, 'offline');
  t.end();
});

t.test('a clock that network time sets puts out no light', (t) => {
  const { broadcast, director, clock, play } = liveHub();
  for (const wallMs of [clock.nowMs() + 86_400_000, 0]) {
    clock.setWall(wallMs);
    clock.advance(250);
    t.equal(director.advancing, true);
    play(1_000);
    t.equal(broadcast.snapshot.state, 'live');
    t.equal(director.advancing, true);
  }
  t.end();
});
