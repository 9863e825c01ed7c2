import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { inTime } from '../support/in-time.ts';

t.test('a press takes the box live, a second one ends it, Ctrl-C leaves nothing', async (t) => {
  const appliance = await Appliance.start();
  try {
    await appliance.press();
    const live = await appliance.until(({ broadcast }) => broadcast.state === 'live');
    t.match(live.broadcast.startTime, /^\d{4}-.*Z$/);
    await appliance.until(({ advancing }) => advancing, 3_000);
    await appliance.press();
    const offline = await appliance.until(({ broadcast }) => broadcast.state === 'offline');
    t.equal(offline.broadcast.startTime, null);
    const pids = Object.values((await appliance.status()).daemons).map(({ pid }) => pid ?? 0);
    const tookMs = await appliance.close();
    t.ok(inTime(tookMs, 2_000), `ended within 2 s (${tookMs} ms)`);
    for (const pid of pids) t.throws(() => process.kill(pid, 0), `${pid} is gone`);
  } finally {
    await appliance.close();
  }
});
