import t from 'tap';
import { correctDrift, targetPositionSec } from '#web-ui/room/drift.ts';

// streamsync.md, "Clocking for sync".

const playing = { playing: true, positionSec: 10, hostTsMs: 1_000 };

t.equal(targetPositionSec(playing, 3_500), 12.5, 'positionSec + (nowMs - hostTsMs) / 1000');
t.equal(targetPositionSec({ ...playing, playing: false }, 3_500), 10, 'a paused host stays where it is');

t.test('what a player does about its drift', async (t) => {
  for (const [driftSec, expected] of [
    [0, { action: 'none', playbackRate: 1 }],
    [0.02, { action: 'none', playbackRate: 1 }],
    [0.251, { action: 'seek', positionSec: 12.5, playbackRate: 1 }],
    [-0.251, { action: 'seek', positionSec: 12.5, playbackRate: 1 }],
    [0.249, { action: 'rate', playbackRate: 0.98 }],
    [-0.249, { action: 'rate', playbackRate: 1.02 }],
    [0.05, { action: 'rate', playbackRate: 0.99 }],
  ] as const) {
    const { playbackRate, ...rest } = correctDrift(playing, 12.5 + driftSec, 3_500);
    t.match(
      rest,
      Object.fromEntries(Object.entries(expected).filter(([name]) => name !== 'playbackRate')),
      `${driftSec} s`,
    );
    t.ok(Math.abs(playbackRate - expected.playbackRate) < 1e-9, `${driftSec} s: rate ${playbackRate}`);
  }
});

t.test('a paused player is put right only where it is far off', async (t) => {
  const paused = { ...playing, playing: false };
  t.equal(correctDrift(paused, 10.2, 99_000).action, 'none');
  t.match(correctDrift(paused, 11, 99_000), { action: 'seek', positionSec: 10 });
});

t.test('it converges: a player that follows the policy is in step within 15 s', async (t) => {
  let position = 12.5 + 0.24;
  let nowMs = 3_500;
  for (let step = 0; step < 150; step += 1) {
    const { playbackRate } = correctDrift(playing, position, nowMs);
    t.ok(playbackRate >= 0.98 && playbackRate <= 1.02);
    position += 0.1 * playbackRate;
    nowMs += 100;
  }
  t.ok(Math.abs(position - targetPositionSec(playing, nowMs)) < 0.03);
});
