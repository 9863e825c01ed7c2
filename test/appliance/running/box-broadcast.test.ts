import t from 'tap';
import { callLink, linkStatus, untilStatus } from '../../support/vm/guest-box.ts';
import { SimulatedLines, wiring } from '../../support/vm/lines.ts';
import { decodeLive } from '../../support/vm/live-decode.ts';
import { runningBox, standardBox } from '../../support/vm/standard-box.ts';
import { watchByWhep } from '../../support/vm/whep-watch.ts';

const vm = await runningBox(t);
const { shell } = vm;
const lines = await SimulatedLines.open(shell);

t.test('press, watch, press', async (t) => {
  t.equal((await linkStatus(shell)).broadcast.state, 'offline');
  await lines.steady(wiring.red, 0);

  await t.test('a press of the button goes live with the camera', async (t) => {
    await lines.press();
    const status = await untilStatus(
      shell,
      (status) => status.broadcast.state === 'live' && status.advancing,
      120_000,
    );
    const { width, height } = standardBox.video;
    t.match(status.stream, { width, height, title: standardBox.title });
    const driver = await shell.run('cat /sys/class/video4linux/video0/name');
    t.match(driver, /^vivid/, 'which is vivid');
  });

  await t.test('the red light is on, and stays on while frames flow', async () => {
    await lines.steady(wiring.red, 1, { steadyMs: 3_000, withinMs: 60_000 });
  });

  await t.test('LL-HLS is fetched from outside and decoded', async (t) => {
    const text = async (name: string) => await (await fetch(`${vm.origin}/hls/${name}`)).text();
    t.match(await text('live.m3u8'), /#EXT-X-STREAM-INF:.*RESOLUTION=320x180/);
    t.match(await text('media.m3u8'), /#EXT-X-PART-INF/);
    const decoded = await decodeLive(`${vm.origin}/hls/live.m3u8`, { seconds: 6 });
    const { width, height } = standardBox.video;
    t.match(decoded, { codec: 'h264', width, height, complaints: '' });
    t.ok(decoded.frames >= 10, `${decoded.frames} frames`);
    t.ok(decoded.different > 1, 'the picture moves');
  });

  await t.test('WHEP is answered, and its pictures arrive outside', async (t) => {
    const watched = await watchByWhep(vm);
    t.equal(watched.status, 201);
    t.ok(watched.packets >= 10, `${watched.packets} packets of video`);
    t.equal(watched.deleted, 200);
  });

  await t.test('a second press ends it, and the light goes out', async () => {
    await lines.press();
    await untilStatus(shell, (status) => status.broadcast.state === 'offline', 60_000);
    await lines.steady(wiring.red, 0);
  });
});

t.test('nobody goes live over the network alone', async (t) => {
  const refused = await fetch(`${vm.origin}/api/v1/broadcast`, { method: 'POST' });
  t.equal(refused.status, 401);
  t.equal(
    ((await callLink(shell, 'GET', '/api/v1/status')) as { broadcast: { state: string } }).broadcast.state,
    'offline',
  );
});
