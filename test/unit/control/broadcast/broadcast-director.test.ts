import t from 'tap';
import { hubOfFakes, liveHub, readyHub } from '#test/support/hub-of-fakes.ts';

const mute = { code: 'camera-gone', message: 'The camera is gone.', action: 'Plug it in.' };

t.test('whoever joins is told what to do, whatever came first', (t) => {
  const { media, egress, egressReady, broadcast, state } = hubOfFakes();
  media.join();
  t.same(media.toldTypes(), ['daemon_welcome', 'media_settings', 'media_stop']);
  egress.join();
  t.match(egress.told(), [
    { type: 'daemon_welcome' },
    {
      type: 'egress_configure',
      payload: {
        engine: 'native',
        port: 8189,
        bindAddress: null,
        bitrate: { ceilingKbps: 3_000, adaptive: true },
      },
    },
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
  t.same(media.toldTypes().slice(-1), ['media_start'], 'also when it comes back in mid-broadcast');
  t.end();
});

t.test('live is said when a part and packets flow, not when the pipeline says that it runs', (t) => {
  const { broadcast, clock, pipeline, part, flow } = readyHub();
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
  const { broadcast, director, pipeline, play } = readyHub();
  broadcast.start();
  pipeline('starting');
  play(1_400);
  t.equal(broadcast.snapshot.state, 'starting');
  play(600);
  t.equal(broadcast.snapshot.state, 'live');
  t.equal(director.advancing, false, 'but the light does not say so');
  t.end();
});

t.test('a new start does not go live on pictures of the time before', (t) => {
  const { broadcast, clock, pipeline, flow } = liveHub();
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
  const { broadcast, director, clock, media, pipeline, play } = liveHub();
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
  const { broadcast, director, media, egress, egressReady } = liveHub();
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
  const { director, egress } = liveHub();
  t.equal(director.advancing, true);
  egress.join();
  t.equal(director.advancing, false);
  t.end();
});

t.test('what media refuses in mid-broadcast is asked for again every 5 s', (t) => {
  const { broadcast, clock, media, pipeline, part } = liveHub();
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
    const { broadcast, media, pipeline } = liveHub();
    media.told();
    pipeline('running', mute);
    t.match(broadcast.snapshot, { state: 'live', reason: mute });
    pipeline('retrying', mute);
    t.match(broadcast.snapshot, { state: 'retrying', reason: mute });
    t.same(media.told(), [], 'a request that media gave up for the former one must not come back');
    t.end();
  },
);

t.test('no request for a key frame is dropped on its way to media, which limits them', (t) => {
  const { director, clock, media, egress } = liveHub();
  media.told();
  egress.say('egress_key_frame', {});
  clock.advance(1);
  director.requestKeyFrame();
  t.same(media.toldTypes(), ['media_key_frame', 'media_key_frame']);
  t.end();
});

t.test('changed settings reach both', (t) => {
  const { director, state, media, egress } = liveHub();
  state.settings.video.bitrateKbps = 900;
  state.settings.webrtc.engine = 'werift';
  director.applySettings();
  t.match(media.told('media_start')[0]?.payload, { video: { bitrateKbps: 900 } });
  t.match(egress.told('egress_configure').at(-1)?.payload, { engine: 'werift' });
  t.end();
});

t.test('the peak of the audience is the peak of this broadcast', (t) => {
  const { audience, broadcast, pipeline, play, flow } = readyHub();
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
  const { broadcast, part, pipeline } = liveHub();
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
  const { media, egress } = liveHub();
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

t.test('egress hears by which SSRCs it knows media, also when either comes back', (t) => {
  const { media, egress } = liveHub();
  egress.told();
  const first = { videoSsrc: 0x5eed_0010, audioSsrc: 0x5eed_0020 };
  media.say('media_rtp_streams', first);
  t.match(egress.told(), [{ type: 'egress_input', payload: first }]);
  media.leave();
  egress.leave();
  egress.join();
  t.match(egress.told('egress_input'), [{ payload: first }], 'an egress that comes back');
  const second = { videoSsrc: 0x7777_0010, audioSsrc: 0x7777_0020 };
  media.join();
  media.say('media_rtp_streams', second);
  t.match(egress.told('egress_input'), [{ payload: second }], 'and of a media that was restarted');
  t.end();
});

t.test('the encode follows the viewers as egress says, and never above the setting', (t) => {
  const { media, egress, director } = liveHub();
  const followed: unknown[] = [];
  director.events.on('bitrateFollowsViewers', (change) => followed.push(change));
  media.told();
  egress.say('egress_bitrate', { target_kbps: 1_200, held_by: 'anna' });
  t.match(media.told(), [{ type: 'media_bitrate', payload: { bitrateKbps: 1_200 } }]);
  egress.say('egress_bitrate', { target_kbps: 9_000, held_by: null });
  t.match(media.told(), [{ type: 'media_bitrate', payload: { bitrateKbps: 3_000 } }]);
  t.same(followed, [
    { before: 3_000, bitrateKbps: 1_200 },
    { before: 1_200, bitrateKbps: 3_000 },
  ]);
  egress.say('egress_bitrate', { target_kbps: 1_200, held_by: 'anna' });
  media.leave();
  media.join();
  const [start] = media.told('media_start');
  t.match(start?.payload, { video: { bitrateKbps: 1_200 } }, 'media that comes back is told the same');
  egress.leave();
  media.leave();
  media.join();
  t.match(media.told('media_start').at(-1)?.payload, { video: { bitrateKbps: 3_000 } }, 'egress is away');
  t.end();
});
