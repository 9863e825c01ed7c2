import t from 'tap';
import { hubOfFakes } from '../support/hub-of-fakes.ts';

const mute = { code: 'camera-gone', message: 'The camera is gone.', action: 'Plug it in.' };

/** Everybody is here; nothing is on air. */
function ready() {
  const hub = hubOfFakes();
  hub.egress.join();
  hub.egressReady();
  hub.media.join();
  hub.pipeline('idle');
  hub.media.told();
  hub.egress.told();
  return hub;
}

/** Pictures and packets flow. */
function live() {
  const hub = ready();
  hub.broadcast.start();
  hub.pipeline('starting');
  hub.pipeline('running');
  hub.flow(true);
  hub.part();
  hub.media.told();
  return hub;
}

t.test('whoever joins is told what to do, whatever came first', (t) => {
  const { media, egress, egressReady, broadcast, state } = hubOfFakes();
  media.join();
  t.same(media.toldTypes(), ['daemon_welcome', 'media_stop']);
  egress.join();
  t.match(egress.told(), [
    { type: 'daemon_welcome' },
    { type: 'egress_configure', payload: { engine: 'node-datachannel', port: 8189, bindAddress: null } },
  ]);
  egressReady(6000);
  t.match(media.told(), [{ type: 'media_rtp', payload: { videoPort: 6000, audioPort: 6002 } }]);
  broadcast.start();
  t.match(media.told('media_start').at(-1)?.payload, {
    video: { source: state.settings.video.source },
    rtp: { videoPort: 6000, audioPort: 6002 },
  });
  media.leave();
  media.join();
  t.same(media.toldTypes(), ['daemon_welcome', 'media_start'], 'also when it comes back in mid-broadcast');
  t.end();
});

t.test('live is said when a part and packets flow, not when the pipeline says that it runs', (t) => {
  const { broadcast, clock, pipeline, part, flow } = ready();
  part();
  t.equal(broadcast.snapshot.state, 'offline', 'a leftover fragment while nothing is wanted');
  broadcast.start();
  pipeline('starting');
  pipeline('running');
  flow(true);
  t.equal(broadcast.snapshot.state, 'starting', 'packets, and no part yet');
  clock.advance(300);
  part();
  t.equal(broadcast.snapshot.state, 'live');
  t.end();
});

t.test('parts without packets are live after 1.5 s: viewers have LL-HLS', (t) => {
  const { broadcast, director, pipeline, play } = ready();
  broadcast.start();
  pipeline('starting');
  play(1_400);
  t.equal(broadcast.snapshot.state, 'starting');
  play(600);
  t.equal(broadcast.snapshot.state, 'live');
  t.equal(director.advancing, false, 'but the light does not say so');
  t.end();
});

t.test('the light is told the truth: parts and packets, both of them, now', (t) => {
  const { director, clock, flow, play, egress, part } = live();
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
  const { director, clock, flow, egress, media, part } = live();
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
  const { broadcast, director, part, pipeline, media } = live();
  broadcast.stop();
  t.equal(director.advancing, false);
  t.same(media.toldTypes(), ['media_stop']);
  part();
  t.equal(broadcast.snapshot.state, 'stopping');
  pipeline('idle');
  t.equal(broadcast.snapshot.state, 'offline');
  t.end();
});

t.test('a new start does not go live on pictures of the time before', (t) => {
  const { broadcast, clock, pipeline, flow } = live();
  broadcast.stop();
  pipeline('idle');
  clock.advance(300);
  broadcast.start();
  flow(true);
  clock.advance(300);
  t.equal(broadcast.snapshot.state, 'starting');
  t.end();
});

t.test('the death of media is an interruption, and the same broadcast goes on', (t) => {
  const { broadcast, director, clock, media, pipeline, play } = live();
  const { startTime } = broadcast.snapshot;
  media.leave();
  t.match(broadcast.snapshot, { state: 'retrying', startTime, reason: { code: 'media-restarting' } });
  t.equal(director.format, null);
  t.equal(director.measuredBitrateKbps, null);
  clock.advance(500);
  media.join();
  t.ok(media.toldTypes().includes('media_start'));
  pipeline('starting');
  play(400);
  t.match(broadcast.snapshot, { state: 'live', startTime, reason: null });
  t.end();
});

t.test('the death of egress leaves it live, and its new ports are told to media', (t) => {
  const { broadcast, director, media, egress, egressReady } = live();
  t.equal(director.webrtcPort, 8189);
  egress.leave();
  t.equal(broadcast.snapshot.state, 'live', 'LL-HLS goes on');
  t.equal(director.webrtcPort, null);
  egress.join();
  t.ok(egress.toldTypes().includes('egress_configure'));
  egressReady(7000);
  t.match(media.told(), [{ type: 'media_rtp', payload: { videoPort: 7000 } }]);
  t.end();
});

t.test('an egress that takes the place of a leftover is not believed to send packets already', (t) => {
  const { director, egress } = live();
  t.equal(director.advancing, true);
  egress.join();
  t.equal(director.advancing, false);
  t.end();
});

t.test('what media refuses in mid-broadcast is asked for again every 5 s', (t) => {
  const { broadcast, clock, media, pipeline, part } = live();
  pipeline('refused', mute);
  t.match(broadcast.snapshot, { state: 'retrying', reason: mute });
  media.told();
  clock.advance(5_000);
  t.same(media.toldTypes(), ['media_start']);
  pipeline('refused', mute);
  media.told();
  clock.advance(5_000);
  t.same(media.toldTypes(), ['media_start']);
  pipeline('starting');
  part();
  t.equal(broadcast.snapshot.state, 'live');
  clock.advance(1_000);
  media.told();
  clock.advance(60_000);
  t.same(media.told('media_start'), [], 'no longer, also not where pictures cease for other reasons');
  t.end();
});

t.test(
  'settings that media refuses leave the former ones on air, and are not asked for by themselves',
  (t) => {
    const { broadcast, media, pipeline } = live();
    media.told();
    pipeline('running', mute);
    t.match(broadcast.snapshot, { state: 'live', reason: mute });
    pipeline('retrying', mute);
    t.match(broadcast.snapshot, { state: 'retrying', reason: mute });
    t.same(media.told(), [], 'a request that media gave up for the former one must not come back');
    t.end();
  },
);

t.test('key frames are asked for four times a second at most', (t) => {
  const { director, clock, media, egress } = live();
  clock.advance(250);
  media.told();
  egress.say('egress_key_frame', {});
  director.requestKeyFrame();
  t.same(media.toldTypes(), ['media_key_frame']);
  clock.advance(249);
  director.requestKeyFrame();
  t.same(media.toldTypes(), []);
  clock.advance(1);
  director.requestKeyFrame();
  t.same(media.toldTypes(), ['media_key_frame']);
  t.end();
});

t.test('changed settings reach both', (t) => {
  const { director, state, media, egress } = live();
  state.settings.video.bitrateKbps = 900;
  state.settings.webrtc.engine = 'werift';
  director.applySettings();
  t.match(media.told('media_start')[0]?.payload, { video: { bitrateKbps: 900 } });
  t.match(egress.told('egress_configure').at(-1)?.payload, { engine: 'werift' });
  t.end();
});

t.test('a clock that network time sets puts out no light', (t) => {
  const { broadcast, director, clock, play } = live();
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

t.test('the peak of the audience is the peak of this broadcast', (t) => {
  const { audience, broadcast, pipeline, play, flow } = ready();
  audience.enter('early', 'lancast').leave();
  audience.enter('anna', 'lancast');
  audience.enter('ben', 'lancast').leave();
  t.equal(audience.peak, 2);
  broadcast.start();
  pipeline('starting');
  flow(true);
  play(400);
  t.equal(audience.peak, 1);
  t.end();
});

t.test('what is left of a stopped broadcast does not make the next one live', (t) => {
  const { broadcast, part, pipeline } = live();
  broadcast.stop();
  pipeline('idle');
  broadcast.start();
  part();
  t.equal(broadcast.snapshot.state, 'starting', 'a part of the old pipeline, late');
  pipeline('starting');
  pipeline('running');
  part();
  t.equal(broadcast.snapshot.state, 'live');
  t.end();
});

t.test('egress hears when media began to capture, once and after each change', (t) => {
  const { media, egress } = live();
  egress.told();
  const say = (startedMonotonicMs: number | null): void => {
    const rates = { bitrateKbps: null, framesPerSecond: null };
    media.say('media_progress', { pipelineId: 'p', frames: 1, keyFrames: 1, ...rates, startedMonotonicMs });
  };
  say(null);
  say(1_000_000);
  say(1_000_001);
  t.match(egress.told(), [{ type: 'egress_clock', payload: { startedMonotonicMs: 1_000_000 } }]);
  say(1_000_090);
  t.match(egress.told(), [{ type: 'egress_clock', payload: { startedMonotonicMs: 1_000_090 } }]);
  egress.leave();
  egress.join();
  t.match(
    egress.told('egress_clock'),
    [{ payload: { startedMonotonicMs: 1_000_090 } }],
    'also when it comes back',
  );
  t.end();
});
