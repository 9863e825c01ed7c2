import t from 'tap';
import { reasonOf, recordedBroadcast } from '#test/support/broadcast-record.ts';

const startTime = '2026-01-02T03:04:05.000Z';

t.test('offline, starting, live, stopping, offline, each said once', (t) => {
  const { broadcast, clock, desired, hear, mediaIdle } = recordedBroadcast();
  t.same(broadcast.snapshot, { state: 'offline', startTime: null, reason: null });
  t.equal(broadcast.wanted, false);
  mediaIdle();
  broadcast.start();
  t.equal(broadcast.wanted, true);
  t.equal(broadcast.snapshot.startTime, null, 'no start time before there is a picture');
  t.same(desired.splice(0), [{ live: true, startTime: null }]);
  broadcast.reportPipeline({ state: 'starting', reason: null });
  broadcast.reportPipeline({ state: 'running', reason: null });
  t.equal(broadcast.snapshot.state, 'starting', 'a running pipeline is not yet a picture');
  broadcast.seePicture();
  t.same(broadcast.snapshot, { state: 'live', startTime, reason: null });
  t.match(desired.splice(0), [{ live: true, startTime, startedAtMs: clock.monotonicMs() }]);
  t.same(hear(), ['offline > starting', 'starting > live', `started ${startTime}`]);
  for (let second = 0; second < 90; second += 1) {
    broadcast.seePicture();
    clock.advance(1_000);
  }
  broadcast.stop();
  t.same(broadcast.snapshot, { state: 'stopping', startTime: null, reason: null });
  t.equal(broadcast.wanted, false);
  t.same(desired.splice(0), [{ live: false, startTime: null }]);
  broadcast.reportPipeline({ state: 'idle', reason: null });
  t.same(hear(), ['ended after 90 s: broadcaster_ended', 'live > stopping', 'stopping > offline']);
  t.equal(clock.timers, 0, 'nothing is left to happen');
  clock.advance(120_000);
  t.same(hear(), []);
  t.end();
});

t.test('starting twice and stopping twice changes nothing the second time', (t) => {
  const { broadcast, desired, hear, goLive } = recordedBroadcast();
  broadcast.stop();
  t.same(hear(), [], 'stop while offline');
  goLive();
  desired.splice(0);
  broadcast.start();
  broadcast.reportPipeline({ state: 'running', reason: null });
  broadcast.seePicture();
  t.same(hear(), [], 'start while live');
  broadcast.stop();
  hear();
  broadcast.stop();
  t.same(hear(), [], 'stop while stopping');
  t.same(desired, [{ live: false, startTime: null }]);
  t.end();
});

t.test('going live that shows no picture has failed after 10 s', (t) => {
  const { broadcast, clock, desired, hear, mediaIdle } = recordedBroadcast();
  mediaIdle();
  broadcast.start();
  clock.advance(9_999);
  t.equal(broadcast.snapshot.state, 'starting');
  clock.advance(1);
  t.equal(broadcast.snapshot.state, 'failed');
  t.match(broadcast.snapshot.reason, { code: 'no-pictures', message: /10 seconds/, action: /\w/ });
  t.same(desired.at(-1), { live: false, startTime: null }, 'a crash now does not go live by itself');
  t.equal(broadcast.wanted, false);
  hear();
  broadcast.seePicture();
  t.same(hear(), [], 'a late picture does not make it live');
  t.equal(clock.timers, 0);
  t.end();
});

t.test('what media said last is the reason for the failure', (t) => {
  const { broadcast, clock, hear, mediaIdle } = recordedBroadcast();
  mediaIdle();
  broadcast.start();
  broadcast.reportPipeline({ state: 'retrying', reason: reasonOf('camera-busy') });
  t.equal(broadcast.snapshot.reason?.code, 'camera-busy', 'shown while it is tried');
  broadcast.reportPipeline({ state: 'retrying', reason: reasonOf('camera-busy', 'Another program has it.') });
  t.equal(broadcast.snapshot.reason?.message, 'Another program has it.', 'other words for it are said too');
  broadcast.reportPipeline({ state: 'starting', reason: null });
  t.equal(broadcast.snapshot.reason, null, 'a new try puts the old reason away');
  broadcast.reportPipeline({ state: 'retrying', reason: reasonOf('camera-silent') });
  hear();
  clock.advance(10_000);
  t.same(hear(), ['starting > failed (camera-silent)']);
  t.end();
});

t.test('without a media service the failure says so, and not that the camera is bad', (t) => {
  const { broadcast, clock, mediaIdle } = recordedBroadcast();
  broadcast.start();
  clock.advance(10_000);
  t.equal(broadcast.snapshot.reason?.code, 'media-unavailable');
  mediaIdle();
  broadcast.start();
  broadcast.loseMedia();
  t.equal(broadcast.snapshot.state, 'starting');
  t.equal(broadcast.snapshot.reason?.code, 'media-restarting');
  broadcast.reportPipeline({ state: 'starting', reason: null });
  t.equal(broadcast.snapshot.reason, null);
  clock.advance(10_000);
  t.equal(broadcast.snapshot.reason?.code, 'slow-start', 'what media has begun is waited for');
  broadcast.loseMedia();
  clock.advance(50_000);
  t.match(broadcast.snapshot, { state: 'failed', reason: { code: 'media-unavailable' } });
  t.end();
});

t.test('a source that is there and slow is waited for, and told', (t) => {
  const { broadcast, clock, desired, hear, mediaIdle } = recordedBroadcast();
  mediaIdle();
  broadcast.start();
  broadcast.reportPipeline({ state: 'starting', reason: null });
  hear();
  clock.advance(10_000);
  t.same(hear(), ['starting > starting (slow-start)']);
  t.equal(broadcast.wanted, true);
  clock.advance(45_000);
  broadcast.reportPipeline({ state: 'running', reason: null });
  broadcast.seePicture();
  t.match(hear(), ['starting > starting', 'starting > live', /^started /], 'however long it took');

  broadcast.stop();
  mediaIdle();
  broadcast.start();
  broadcast.reportPipeline({ state: 'retrying', reason: reasonOf('no-frames') });
  hear();
  clock.advance(59_999);
  t.same(hear(), [], 'silence is told, and is no refusal');
  clock.advance(1);
  t.same(hear(), ['starting > failed (no-frames)'], 'not for ever');
  t.match(broadcast.snapshot.reason?.action, /press the button again/, 'nothing tries again by itself now');

  broadcast.start();
  broadcast.reportPipeline({ state: 'starting', reason: null });
  clock.advance(299_999);
  t.match(
    broadcast.snapshot,
    { state: 'starting', reason: { code: 'slow-start' } },
    'media has nothing to complain of',
  );
  clock.advance(1);
  t.match(broadcast.snapshot.reason, { code: 'no-pictures', message: /300 seconds/ });
  t.same(desired.at(-1), { live: false, startTime: null });
  t.equal(clock.timers, 0);
  t.end();
});

t.test('what media refuses has failed at once', (t) => {
  const { broadcast, clock, hear, mediaIdle } = recordedBroadcast();
  mediaIdle();
  broadcast.start();
  broadcast.reportPipeline({ state: 'refused', reason: reasonOf('not-a-clip') });
  t.same(hear(), ['offline > starting', 'starting > failed (not-a-clip)']);
  t.equal(clock.timers, 0);
  broadcast.reportPipeline({ state: 'refused', reason: null });
  broadcast.reportPipeline({ state: 'idle', reason: null });
  t.same(hear(), [], 'and stays shown until somebody acts');
  t.end();
});

t.test('after a failure start tries again, stop puts it away', (t) => {
  const { broadcast, hear, mediaIdle } = recordedBroadcast();
  mediaIdle();
  for (const next of ['start', 'stop'] as const) {
    broadcast.start();
    broadcast.reportPipeline({ state: 'refused', reason: reasonOf('no-camera') });
    hear();
    broadcast[next]();
    t.same(hear(), [`failed > ${next === 'start' ? 'starting' : 'offline'}`]);
    t.equal(broadcast.snapshot.reason, null);
    if (next === 'start') broadcast.seePicture();
    t.equal(broadcast.snapshot.state, next === 'start' ? 'live' : 'offline');
    broadcast.stop();
    broadcast.reportPipeline({ state: 'idle', reason: null });
  }
  t.end();
});

t.test('media that does not stop is not waited for longer than 2 s', (t) => {
  const { broadcast, clock, hear, goLive } = recordedBroadcast();
  goLive();
  broadcast.stop();
  clock.advance(1_999);
  broadcast.reportPipeline({ state: 'running', reason: null });
  broadcast.seePicture();
  t.equal(broadcast.snapshot.state, 'stopping', 'pictures on their way change nothing');
  clock.advance(1);
  t.equal(broadcast.snapshot.state, 'offline');
  hear();
  broadcast.seePicture();
  t.same(hear(), []);
  t.end();
});

t.test('media that is away, or dies, has stopped', (t) => {
  const { broadcast, goLive } = recordedBroadcast();
  goLive();
  broadcast.stop();
  broadcast.loseMedia();
  t.equal(broadcast.snapshot.state, 'offline');
  broadcast.start();
  broadcast.stop();
  t.equal(broadcast.snapshot.state, 'offline', 'at once, as there is nobody to wait for');
  t.end();
});

t.test('start while stopping begins a new broadcast, which the old stop does not end', (t) => {
  const { broadcast, clock, hear, goLive } = recordedBroadcast();
  goLive();
  broadcast.stop();
  hear();
  broadcast.start();
  broadcast.reportPipeline({ state: 'idle', reason: null });
  clock.advance(2_500);
  t.equal(broadcast.snapshot.state, 'starting');
  broadcast.seePicture();
  t.equal(broadcast.snapshot.startTime, '2026-01-02T03:04:07.500Z');
  t.same(hear(), ['stopping > starting', 'starting > live', 'started 2026-01-02T03:04:07.500Z']);
  t.end();
});

t.test('stop while starting: there was no broadcast that could end', (t) => {
  const { broadcast, clock, hear, mediaIdle } = recordedBroadcast();
  mediaIdle();
  broadcast.start();
  broadcast.stop();
  t.same(hear(), ['offline > starting', 'starting > stopping']);
  clock.advance(20_000);
  t.same(hear(), ['stopping > offline'], 'and the start does not fail later');
  t.end();
});
