import t from 'tap';
import { reasonOf, recordedBroadcast } from '#test/support/broadcast-record.ts';

t.test('pictures that stay away for 1.5 s are missed, and back under the same start time', (t) => {
  const { broadcast, clock, desired, hear, play, goLive } = recordedBroadcast();
  const startTime = goLive();
  play(5_000);
  t.same(hear(), []);
  clock.advance(1_399);
  t.equal(broadcast.snapshot.state, 'live');
  clock.advance(1);
  t.same(hear(), ['live > retrying (pictures-stopped)', 'interrupted pictures-stopped']);
  t.equal(broadcast.snapshot.startTime, startTime, 'it is the same broadcast');
  t.equal(broadcast.wanted, true);
  desired.splice(0);
  clock.advance(59_000);
  broadcast.seePicture();
  t.same(hear(), ['retrying > live', `resumed ${startTime}`]);
  t.same(broadcast.snapshot, { state: 'live', startTime, reason: null });
  t.same(desired, [], 'what is wanted has not changed');
  play(61_000);
  t.same(hear(), [], 'the deadline of the interruption is gone');
  t.end();
});

t.test('after 60 s without pictures it is missed; it goes on all the same, and returns as the same', (t) => {
  const { broadcast, clock, desired, hear, goLive } = recordedBroadcast();
  const startTime = goLive();
  broadcast.reportPipeline({ state: 'retrying', reason: reasonOf('camera-gone') });
  t.same(hear(), ['live > retrying (camera-gone)', 'interrupted camera-gone']);
  clock.advance(59_999);
  t.same(hear(), []);
  t.equal(broadcast.missed, false);
  desired.splice(0);
  clock.advance(1);
  t.same(hear(), ['missed after 0 s: connection_lost']);
  t.equal(broadcast.missed, true);
  t.same(broadcast.snapshot.startTime, startTime);
  t.equal(broadcast.wanted, true, 'an unattended box goes on waiting for its camera');
  clock.advance(3_600_000);
  t.same(hear(), []);
  broadcast.seePicture();
  t.same(hear(), ['retrying > live', `resumed ${startTime}`, `returned ${startTime}`]);
  t.equal(broadcast.missed, false);
  t.same(desired, [], 'what is wanted has not changed');
  t.end();
});

t.test('nobody publishes yet: viewers see the slate, and the first picture begins the broadcast', (t) => {
  const { broadcast, clock, hear, mediaIdle } = recordedBroadcast();
  mediaIdle();
  broadcast.start();
  broadcast.reportPipeline({ state: 'retrying', reason: reasonOf('no-publisher'), slate: true });
  t.same(hear(), ['offline > starting', 'starting > retrying (no-publisher)']);
  clock.advance(600_000);
  t.match(broadcast.snapshot, { state: 'retrying', startTime: null, reason: { code: 'no-publisher' } });
  t.same(hear(), [], 'never failed, and nothing to be missed');
  broadcast.seePicture();
  t.match(hear(), ['retrying > live', /^started /]);
  t.end();
});

t.test('the 60 s are counted from the interruption, whatever reasons follow', (t) => {
  const { broadcast, clock, hear, goLive } = recordedBroadcast();
  goLive();
  broadcast.loseMedia();
  t.same(hear(), ['live > retrying (media-restarting)', 'interrupted media-restarting']);
  clock.advance(30_000);
  broadcast.reportPipeline({ state: 'retrying', reason: reasonOf('camera-gone') });
  broadcast.reportPipeline({ state: 'starting', reason: null });
  clock.advance(20_000);
  broadcast.loseMedia();
  hear();
  clock.advance(10_000);
  t.match(hear(), ['missed after 0 s: error']);
  t.end();
});

t.test('a stop in the interruption ends the broadcast once', (t) => {
  const { broadcast, clock, hear, goLive } = recordedBroadcast();
  goLive();
  broadcast.reportPipeline({ state: 'retrying', reason: reasonOf('camera-gone') });
  hear();
  clock.advance(20_000);
  broadcast.stop();
  broadcast.reportPipeline({ state: 'idle', reason: null });
  t.same(hear(), ['ended after 0 s: broadcaster_ended', 'retrying > stopping', 'stopping > offline']);
  clock.advance(120_000);
  t.same(hear(), []);

  goLive();
  broadcast.reportPipeline({ state: 'retrying', reason: reasonOf('camera-gone') });
  clock.advance(60_000);
  hear();
  broadcast.stop();
  t.match(hear(), ['ended after 0 s: broadcaster_ended', 'retrying > stopping']);
  t.equal(broadcast.missed, false);
  t.end();
});

t.test('a refusal in the middle of a broadcast is an interruption: it goes on being wanted', (t) => {
  const { broadcast, hear, goLive } = recordedBroadcast();
  goLive();
  broadcast.reportPipeline({ state: 'refused', reason: reasonOf('no-such-device') });
  t.same(hear(), ['live > retrying (no-such-device)', 'interrupted no-such-device']);
  t.equal(broadcast.wanted, true);
  t.end();
});

t.test('after a crash what was on air goes on under its start time', (t) => {
  const { broadcast, clock, hear } = recordedBroadcast();
  const startTime = '2026-01-02T03:00:00.000Z';
  broadcast.restore({ live: true, startTime });
  t.match(broadcast.snapshot, { state: 'retrying', startTime, reason: { code: 'resuming' } });
  t.equal(broadcast.wanted, true);
  clock.advance(2_000);
  broadcast.seePicture();
  t.same(hear(), ['offline > retrying (resuming)', 'retrying > live', `resumed ${startTime}`]);
  t.equal(broadcast.snapshot.startTime, startTime);
  t.end();
});

t.test('after a crash before the first picture the first one begins the broadcast', (t) => {
  const { broadcast, clock, hear } = recordedBroadcast();
  broadcast.restore({ live: true, startTime: null });
  clock.advance(500);
  broadcast.seePicture();
  t.same(hear(), ['offline > retrying (resuming)', 'retrying > live', 'started 2026-01-02T03:04:05.500Z']);
  t.end();
});

t.test('after a crash with no pictures coming back, it is missed too', (t) => {
  const { broadcast, clock, desired, hear } = recordedBroadcast();
  broadcast.restore({ live: true, startTime: '2026-01-02T03:03:05.000Z' });
  clock.advance(60_000);
  t.same(
    hear().slice(1),
    ['retrying > retrying (media-restarting)', 'missed after 60 s: error'],
    'up to when control died, and media is what is waited for',
  );
  t.same(desired, []);
  t.end();
});

t.test('nothing was wanted: nothing is restored', (t) => {
  const { broadcast, clock, hear } = recordedBroadcast();
  broadcast.restore({ live: false, startTime: '2026-01-02T03:00:00.000Z' });
  t.same(broadcast.snapshot, { state: 'offline', startTime: null, reason: null });
  t.same(hear(), []);
  t.equal(clock.timers, 0);
  t.end();
});

t.test('a clock that is set while on air changes no duration', (t) => {
  for (const wallMs of [0, Date.UTC(2036, 0, 1)]) {
    const { broadcast, clock, hear, play, goLive } = recordedBroadcast();
    goLive();
    play(5_000);
    clock.setWall(wallMs);
    play(5_000);
    broadcast.stop();
    t.ok(hear().includes('ended after 10 s: broadcaster_ended'));
  }
  const { broadcast, clock, hear } = recordedBroadcast();
  clock.setWall(0);
  broadcast.restore({ live: true, startTime: '2026-01-02T03:04:05.000Z' });
  broadcast.seePicture();
  clock.advance(1_000);
  broadcast.stop();
  t.ok(
    hear().includes('ended after 1 s: broadcaster_ended'),
    'nor does one that was set back before a restart',
  );
  t.end();
});

t.test('a clock that is set while on air, years on or back, corrects the start time', (t) => {
  const { broadcast, clock, desired, play, goLive } = recordedBroadcast();
  goLive();
  play(5_000);
  for (const wallMs of [0, Date.UTC(2036, 0, 1), Date.UTC(2026, 5, 1)]) {
    clock.setWall(wallMs);
    play(1_000);
    const startedAtMs = clock.nowMs() - broadcast.durationMs;
    const { startTime } = broadcast.snapshot;
    t.ok(Math.abs(Date.parse(startTime ?? '') - startedAtMs) <= 1, startTime ?? 'none');
    t.match(desired.at(-1), { live: true, startTime });
  }
  t.equal(Math.round(broadcast.durationMs / 1000), 8);
  t.end();
});

t.test('a clock that was set while control was away changes no duration', (t) => {
  for (const wallMs of [0, Date.UTC(2036, 0, 1)]) {
    const { broadcast, clock, hear } = recordedBroadcast();
    clock.advance(60_000);
    const startedAtMs = clock.monotonicMs() - 30_000;
    clock.setWall(wallMs);
    broadcast.restore({ live: true, startTime: '2026-01-02T03:04:05.000Z', startedAtMs });
    broadcast.seePicture();
    clock.advance(1_000);
    t.equal(Math.round(broadcast.durationMs / 1000), 31);
    broadcast.stop();
    t.ok(hear().includes('ended after 31 s: broadcaster_ended'));
  }
  t.end();
});

t.test('how long it was active: up to its last picture', (t) => {
  const { broadcast, clock, hear, play, goLive } = recordedBroadcast();
  goLive();
  play(5_000);
  broadcast.loseMedia();
  clock.advance(30_000);
  t.equal(Math.round(broadcast.durationMs / 1000), 5);
  clock.advance(30_000);
  t.equal(hear().at(-1), 'missed after 5 s: error', 'a fault of the box itself');
  t.equal(Math.round(broadcast.durationMs / 1000), 5);
  t.end();
});

t.test('closed in any state, it leaves no timer', (t) => {
  const { broadcast, clock, play, goLive } = recordedBroadcast();
  goLive();
  play(300);
  broadcast.close();
  broadcast.close();
  t.equal(clock.timers, 0);
  broadcast.restore({ live: true, startTime: null });
  broadcast.close();
  t.equal(clock.timers, 0);
  t.end();
});
