import t from 'tap';
import { bitrateHealthOf, qualityLabel, StreamQuality, type VideoQuality } from '#core/domain/quality.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

const hd: VideoQuality = { width: 1280, height: 720, framesPerSecond: 30, bitrateKbps: 3_000 };
const fullHd: VideoQuality = { width: 1920, height: 1080, framesPerSecond: 30, bitrateKbps: 3_000 };

function follow() {
  const clock = new DrivenClock();
  const quality = new StreamQuality({ clock });
  const changes: { previous: VideoQuality; current: VideoQuality; reason: string }[] = [];
  quality.events.on('qualityChanged', (change) => changes.push(change));
  return { clock, quality, changes };
}

t.test('health: every edge belongs to the band that names it first', async (t) => {
  for (const max of [1, 3, 100, 3_000, 4_700, 25_000]) {
    const at = (percent: number) => bitrateHealthOf((max * percent) / 100, max);
    t.same([100, 90.01, 200].map(at), ['excellent', 'excellent', 'excellent'], `above 90 % of ${max}`);
    t.same([89.99, 70.01].map(at), ['good', 'good'], '70 to 90 %');
    t.same([69.99, 50.01].map(at), ['fair', 'fair'], '50 to 70 %');
    t.same([49.99, 0].map(at), ['poor', 'poor'], 'below 50 %');
  }
  t.same(
    [2_700, 2_100, 1_500].map((kbps) => bitrateHealthOf(kbps, 3_000)),
    ['good', 'good', 'fair'],
  );
});

t.test('labels go by the shorter side', async (t) => {
  const label = (width: number, height: number) => qualityLabel({ width, height });
  t.equal(label(1280, 720), '720p');
  t.equal(label(720, 1280), '720p');
  t.equal(label(1920, 1080), '1080p');
  t.equal(label(640, 480), '480p');
  t.equal(label(3840, 2160), '4k');
});

t.test('nothing is told before a broadcast, nor after it', async (t) => {
  const { quality, changes } = follow();
  quality.observe(hd);
  quality.observe(fullHd);
  quality.begin(fullHd);
  quality.end();
  quality.observe(hd);
  t.same(changes, []);
});

t.test('a pipeline that starts says nothing, the one that runs does', async (t) => {
  const { quality, changes } = follow();
  quality.begin(hd);
  quality.declareCause('broadcaster_changed');
  quality.observe(null);
  quality.observe(null);
  quality.observe(fullHd);
  t.same(changes, [{ previous: hd, current: fullHd, reason: 'broadcaster_changed' }]);
  t.same(quality.current, fullHd);
});

t.test('each part of it counts', async (t) => {
  const { quality, changes } = follow();
  quality.begin(hd);
  for (const part of ['width', 'height', 'framesPerSecond', 'bitrateKbps'] as const) {
    quality.observe({ ...hd, [part]: hd[part] / 2 });
    quality.observe(hd);
  }
  t.equal(changes.length, 8);
});

t.test('a cause holds for one change, at most 30 s', async (t) => {
  const { clock, quality, changes } = follow();
  quality.begin(hd);
  quality.declareCause('broadcaster_changed');
  quality.observe(fullHd);
  quality.observe(hd);
  quality.declareCause('broadcaster_changed');
  clock.advance(30_000);
  quality.observe(fullHd);
  quality.declareCause('broadcaster_changed');
  clock.advance(30_001);
  quality.observe(hd);
  t.same(
    changes.map(({ reason }) => reason),
    ['broadcaster_changed', 'quality_degradation', 'broadcaster_changed', 'quality_degradation'],
  );
});

t.test('what nobody declared is told by its direction', async (t) => {
  const { quality, changes } = follow();
  quality.begin(hd);
  quality.observe({ ...hd, bitrateKbps: 1_000 });
  quality.observe({ ...hd, bitrateKbps: 2_000 });
  t.same(
    changes.map(({ reason }) => reason),
    ['quality_degradation', 'broadcaster_changed'],
  );
});

t.test('a cause that belongs to the broadcast before is not carried into the next', async (t) => {
  const { quality, changes } = follow();
  quality.declareCause('network_congestion');
  quality.begin(hd);
  quality.observe({ ...hd, bitrateKbps: 1_000 });
  t.equal(changes[0]?.reason, 'quality_degradation');
});

t.test('a box that was restarted in a broadcast begins where that is', async (t) => {
  const { quality, changes } = follow();
  quality.resume(hd);
  t.same(changes, []);
  quality.resume(fullHd);
  t.equal(changes.length, 1, 'one that was not restarted tells the difference');
});
