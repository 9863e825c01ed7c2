import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { NovaClient } from '../support/nova-client.ts';
import { SystemFiles } from '../support/system-files.ts';

// A battery that runs down under a broadcast, on a tree that stands in for /sys, as a viewer hears of it.

t.setTimeout(240_000);

const battery = 'class/power_supply/pisugar';
const sys = await SystemFiles.make(t, {
  [`${battery}/type`]: 'Battery',
  [`${battery}/capacity`]: 40,
  [`${battery}/status`]: 'Discharging',
});
const appliance = await Appliance.start({ environment: { ONAIR_SYSFS: sys.root } });
t.teardown(() => appliance.close());
const origin = await appliance.origin();
const { stream } = await appliance.status();

async function viewer(): Promise<NovaClient> {
  const answer = await fetch(`${origin}/api/v1/streams/${stream.id}/tokens`, { method: 'POST' });
  const { token } = (await answer.json()) as { token: string };
  return await NovaClient.connect(
    `${origin.replace('http', 'ws')}/api/v1/streams/${stream.id}/ws?token=${token}`,
  );
}

t.test('under 15 % quality steps down by one rung, and viewers hear why', async (t) => {
  const client = await viewer();
  t.teardown(() => client.leave());
  await appliance.press();
  await client.next('stream_started');
  await sys.write({ [`${battery}/capacity`]: 14 });
  await appliance.until(({ stream }) => stream.height === 480, 30_000);
  t.same((await appliance.status()).powerConditions, ['battery-low']);
  t.match(await client.next('quality_changed'), {
    previous_quality: '720p',
    new_quality: '480p',
    previous_bitrate_kbps: 3_000,
    new_bitrate_kbps: 1_650,
    reason: 'quality_degradation',
  });
  const { broadcast, advancing } = await appliance.until(({ advancing }) => advancing, 30_000);
  t.equal(broadcast.state, 'live');
  t.ok(advancing, 'and pictures go on');
});

t.test(
  'at 3 % the broadcast is ended: an error that says why, then stream_ended with reason error',
  async (t) => {
    const client = await viewer();
    t.teardown(() => client.leave());
    await client.next('stream_started');
    await sys.write({ [`${battery}/capacity`]: 3 });
    await appliance.until(({ broadcast }) => broadcast.state === 'failed', 30_000);
    const names = ['error', 'stream_ended'];
    t.match(await client.next('error'), {
      error_code: 'SERVER_ERROR',
      severity: 'critical',
      recoverable: true, // the same connection hears stream_started
      error_message: /battery is almost empty/,
    });
    t.match(await client.next('stream_ended'), { reason: 'error' });
    await client.settle();
    t.same(
      client.events.filter((event) => names.includes(event)),
      names,
      'each of them once',
    );
    const { broadcast } = await appliance.status();
    t.match(broadcast.reason, { code: 'battery-empty', action: /Connect a power supply/ });
  },
);

t.test('while it is that empty, a press says so again; with a charger it goes live', async (t) => {
  await appliance.press();
  await appliance.until(({ broadcast }) => broadcast.reason?.code === 'battery-empty', 30_000);
  await sys.write({ [`${battery}/status`]: 'Charging', [`${battery}/capacity`]: 5 });
  await appliance.until(({ telemetry }) => telemetry.batteryPercent === 5, 30_000);
  await appliance.press(); // puts the failure away, or goes live at once
  const { broadcast } = await appliance.until(({ broadcast }) => broadcast.state !== 'failed', 30_000);
  if (broadcast.state === 'offline') await appliance.press();
  t.match(await appliance.until(({ broadcast }) => broadcast.state === 'live', 30_000), {
    stream: { height: 480 },
    powerConditions: [], // it charges
  });
});
