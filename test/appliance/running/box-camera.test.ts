import t from 'tap';
import { untilStatus } from '../../support/vm/guest-box.ts';
import { SimulatedLines, wiring } from '../../support/vm/lines.ts';
import { decodeLive } from '../../support/vm/live-decode.ts';
import { runningBox } from '../../support/vm/standard-box.ts';

// A camera that is pulled out while it is on the air, and comes back: vivid's device, taken from its driver.

const vm = await runningBox(t);
const { shell } = vm;
const lines = await SimulatedLines.open(shell);
const driver = '/sys/bus/platform/drivers/vivid';
const plugged = (): Promise<string> =>
  shell.run(`[ -e ${driver}/vivid.0 ] || echo vivid.0 >${driver}/bind; udevadm settle -t 60`);

t.teardown(plugged);

await lines.press();
await untilStatus(shell, (status) => status.broadcast.state === 'live' && status.advancing, 120_000);
await lines.steady(wiring.red, 1, { steadyMs: 1_000, withinMs: 60_000 });

t.test('pulled out: the status names the camera, the light goes out, the slate is served', async (t) => {
  await shell.run(`echo vivid.0 >${driver}/unbind`);
  const status = await untilStatus(
    shell,
    (status) =>
      status.broadcast.state === 'retrying' &&
      /^(source-|no-camera)/.test(status.broadcast.reason?.code ?? ''),
    60_000,
  );
  t.comment(`${status.broadcast.reason?.code}: ${status.broadcast.reason?.message}`);
  t.ok(status.broadcast.reason?.action, 'and says what to do');
  const { complaints, frames } = await decodeLive(`${vm.origin}/hls/live.m3u8`, { seconds: 6 });
  t.equal(complaints, '');
  t.ok(frames > 0, 'the stream goes on');
});

t.test('plugged in again: live again without a press, and the light says so', async (t) => {
  await plugged();
  const status = await untilStatus(
    shell,
    (status) => status.broadcast.state === 'live' && status.advancing && status.broadcast.reason === null,
    120_000,
  );
  t.equal(status.broadcast.reason, null);
  await lines.steady(wiring.red, 1, { steadyMs: 1_000, withinMs: 60_000 });
  const { complaints, different } = await decodeLive(`${vm.origin}/hls/live.m3u8`, { seconds: 6 });
  t.equal(complaints, '');
  t.ok(different > 1, 'the picture moves');
  await lines.press();
  await untilStatus(shell, (status) => status.broadcast.state === 'offline', 60_000);
});
