import { spawnSync } from 'node:child_process';
import t from 'tap';
import { WebSocket } from 'ws';
import type { LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import { telemetryBody } from '#core/protocol/endpoints/box.ts';
import { Appliance } from '../support/appliance.ts';
import { parsePrometheusText } from '../support/prometheus-text.ts';
import { SystemFiles } from '../support/system-files.ts';

// The board's figures on a tree that stands in for /sys, as every surface of the whole appliance carries them.

const sys = await SystemFiles.make(t, {
  'class/power_supply/pisugar/type': 'Battery',
  'class/power_supply/pisugar/capacity': 85,
  'class/thermal/thermal_zone0/temp': 48_312,
  'devices/platform/soc/soc:firmware/get_throttled': '0',
});
process.env.ONAIR_SYSFS = sys.root;
const appliance = await Appliance.start();
delete process.env.ONAIR_SYSFS;
t.teardown(() => appliance.close());
const origin = await appliance.origin();

async function scrape(): Promise<string> {
  const response = await fetch(`${origin}/metrics`);
  const type = response.headers.get('content-type');
  if (response.status !== 200 || type !== 'text/plain; version=0.0.4; charset=utf-8') {
    throw new Error(`${response.status} ${type}`);
  }
  return await response.text();
}

/** The value of a sample without labels, or with these. */
function figureOf(text: string, metric: string, labels: Record<string, string> = {}): number | undefined {
  return parsePrometheusText(text)
    .get(metric)
    ?.samples.find((sample) => Object.entries(labels).every(([name, value]) => sample.labels[name] === value))
    ?.value;
}

t.test('status has the documented keys, and no more', async (t) => {
  const { telemetry } = (await (await fetch(`${origin}/api/v1/status`)).json()) as LinkStatusBody;
  t.same(telemetry, {
    batteryPercent: 85,
    temperatureCelsius: 48.312,
    throttled: false,
    underVoltage: false,
  });
});

t.test('all of it is for the operator', async (t) => {
  const all = telemetryBody.strict().parse(await appliance.call('GET', '/api/v1/telemetry'));
  t.match(all, { batteryPercent: 85, charging: null, memory: { totalBytes: Number }, network: [] });
  t.equal((await fetch(`${origin}/api/v1/telemetry`)).status, 401);
});

t.test('want of voltage reaches who listens to events within seconds', async (t) => {
  await sys.write({ 'devices/platform/soc/soc:firmware/get_throttled': '50005' });
  const { telemetry } = await appliance.until(({ telemetry }) => telemetry.underVoltage, 5_000);
  t.equal(telemetry.throttled, true);
  await sys.remove('class/power_supply');
  await appliance.until(({ telemetry }) => telemetry.batteryPercent === null, 10_000);
});

t.test('/metrics: parsed, in base units, following what happens', async (t) => {
  const idle = await scrape();
  t.equal(figureOf(idle, 'onair_broadcast_live'), 0);
  t.equal(figureOf(idle, 'onair_viewers'), 0);
  t.equal(figureOf(idle, 'onair_viewers_limit'), 10);
  t.equal(figureOf(idle, 'onair_video_bytes_per_second'), undefined, 'nothing runs: nothing is measured');
  t.equal(figureOf(idle, 'onair_daemon_up', { daemon: 'media' }), 1);
  t.equal(figureOf(idle, 'onair_under_voltage'), 1);
  t.equal(figureOf(idle, 'onair_temperature_celsius'), 48.312);
  t.equal(figureOf(idle, 'onair_battery_charge_ratio'), undefined, 'the battery has gone');
  t.equal(figureOf(idle, 'onair_websocket_connections', { protocol: 'nova' }), 0);

  const { stream } = await appliance.status();
  const issued = await fetch(`${origin}/api/v1/streams/${stream.id}/tokens`, { method: 'POST' });
  const { token } = (await issued.json()) as { token: string };
  const viewer = new WebSocket(
    `${origin.replace('http', 'ws')}/api/v1/streams/${stream.id}/ws?token=${token}`,
  );
  t.teardown(() => viewer.close());
  await new Promise((resolve) => viewer.addEventListener('message', resolve, { once: true }));
  await appliance.press();
  await appliance.until((status) => status.broadcast.state === 'live' && status.stream.bitrateKbps !== null);
  const live = await scrape();
  t.equal(figureOf(live, 'onair_broadcast_live'), 1);
  t.equal(figureOf(live, 'onair_broadcast_state', { state: 'live' }), 1);
  t.equal(figureOf(live, 'onair_broadcasts_started_total'), 1);
  t.equal(figureOf(live, 'onair_viewers'), 1);
  t.equal(figureOf(live, 'onair_websocket_connections', { protocol: 'nova' }), 1);
  t.ok((figureOf(live, 'onair_video_frames_total') ?? 0) > 0);
  const bytesPerSecond = figureOf(live, 'onair_video_bytes_per_second') ?? 0;
  t.ok(bytesPerSecond > 1_000 && bytesPerSecond < 1_000_000, `${bytesPerSecond} bytes a second`);
  await appliance.press();
  await appliance.until(({ broadcast }) => broadcast.state === 'offline');
  t.equal(figureOf(await scrape(), 'onair_broadcasts_ended_total', { reason: 'broadcaster_ended' }), 1);
});

const promtool = process.env.PROMTOOL ?? 'promtool';
const skip =
  spawnSync(promtool, ['--version']).status === 0
    ? false
    : 'no promtool here (Debian: prometheus); the parser above stands in for it';

t.test('promtool has nothing to say', { skip }, async (t) => {
  const { status, stdout, stderr } = spawnSync(promtool, ['check', 'metrics'], { input: await scrape() });
  t.equal(`${stdout}${stderr}`, '');
  t.equal(status, 0);
});
