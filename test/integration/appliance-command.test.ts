import { createSocket } from 'node:dgram';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { linkStatusBody } from '#core/protocol/endpoints/box.ts';
import { Appliance } from '../support/appliance.ts';
import { runOnair } from '../support/command.ts';
import { inTime } from '../support/in-time.ts';
import { descendantsOf, untilEnded } from '../support/processes.ts';
import { freePort } from '../support/server-program.ts';

t.setTimeout(240_000);

const small = { video: { width: 320, height: 240, framesPerSecond: 15 } };
const appliance = await Appliance.start({ settings: small });
t.teardown(() => appliance.close());

t.test('live, status, stop', async (t) => {
  const live = await appliance.onair('live');
  t.match(live, { exitCode: 0, stdout: /^Live\. Watch at http:\/\/localhost/, stderr: '' });
  t.equal((await appliance.status()).broadcast.state, 'live', 'it returned once that was reached');
  t.equal((await appliance.onair('live')).exitCode, 0, 'live already: that is no failure');

  const status = await appliance.onair('status', '--json');
  t.equal(status.exitCode, 0);
  const body = linkStatusBody.parse(JSON.parse(status.stdout));
  t.match(body, {
    broadcast: { state: 'live', reason: null },
    stream: { quality: '240p', width: 320, height: 240 },
    daemons: { control: { up: true }, media: { up: true }, egress: { up: true }, panel: { up: true } },
  });
  const text = (await appliance.onair('status')).stdout;
  t.match(text, /State +live since/);
  t.match(text, new RegExp(`Page +http://localhost:${body.ports.http}`));

  t.match(await appliance.onair('stop'), { exitCode: 0, stdout: 'Stopped.\n' });
  t.equal((await appliance.status()).broadcast.state, 'offline', 'it returned once that was reached');
  t.equal((await appliance.onair('stop')).exitCode, 0);
});

t.test('press', async (t) => {
  const pressed = await appliance.onair('press');
  t.match(pressed, { exitCode: 0, stdout: 'Pressed.\n' });
  await appliance.until(({ broadcast }) => broadcast.state === 'live');
  await appliance.onair('press');
  await appliance.until(({ broadcast }) => broadcast.state === 'offline');
});

t.test('settings', async (t) => {
  t.match(await appliance.onair('settings', 'get', 'video.width'), {
    exitCode: 0,
    stdout: /^video\.width +320 px /,
  });
  t.match(await appliance.onair('settings', 'set', 'broadcast.title', 'Choir & Öl'), { exitCode: 0 });
  t.equal((await appliance.status()).stream.title, 'Choir & Öl');
  t.match(await appliance.onair('settings', 'set', 'video.width', '7'), {
    exitCode: 1,
    stderr: /^onair: video\.width: /,
  });
  t.match(await appliance.onair('settings', 'set', 'video.colour', 'red'), {
    exitCode: 2,
    stderr: /video\.colour is not a setting/,
  });
});

t.test('doctor finds all that is needed', async (t) => {
  const { exitCode, stdout } = await runOnair(['doctor']);
  t.equal(exitCode, 0, stdout);
  t.match(stdout, /Everything needed is here/);
});

t.test('wrong usage is 2, and nothing running is 3', async (t) => {
  const wrong = [
    ['fly'],
    ['demo', '--port', 'eighty'],
    ['demo', '--source', 'x'],
    ['status', '--what'],
    ['settings', 'set', 'video.width'],
  ];
  await Promise.all(
    wrong.map(async (args) => {
      const { exitCode, stderr, stdout } = await runOnair(args);
      t.equal(exitCode, 2, args.join(' '));
      t.match(stderr, /^onair: [^\n]+\n$/, 'one sentence');
      t.equal(stdout, '');
    }),
  );
  const nowhere = join(tmpdir(), 'onair-nowhere');
  await Promise.all(
    ['status', 'live', 'stop', 'press'].map(async (command) => {
      const { exitCode, stderr } = await runOnair([command, '--state', nowhere]);
      t.equal(exitCode, 3, command);
      t.match(stderr, /^onair: No .*running in .*onair-nowhere.*\n$/);
    }),
  );
  const byEnvironment = await runOnair(['status'], { ONAIR_STATE: appliance.stateDirectory });
  t.equal(byEnvironment.exitCode, 0, 'ONAIR_STATE says which one, too');
  t.match(await runOnair(['--version']), { exitCode: 0, stdout: /^\d+\.\d+\.\d+\n$/ });
  t.match(await runOnair([]), { exitCode: 0, stdout: /onair demo/ });
});

t.test('the demo shows the address, a QR code and the changes of state', async (t) => {
  const { ports } = await appliance.status();
  t.match(appliance.output, `http://localhost:${ports.http}`);
  t.match(appliance.output, /[▄▀█]{10}/);
  t.match(appliance.output, /\d\d:\d\d:\d\d {2}live +320x240, 15 fps/);
  t.match(appliance.output, /lights +red on/);
  t.match(appliance.output, /\d\d:\d\d:\d\d {2}offline/);
});

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  t.test(`${signal} in mid-broadcast leaves nothing running`, async (t) => {
    const doomed = await Appliance.start({ settings: small });
    t.teardown(() => doomed.close());
    t.equal((await doomed.onair('live')).exitCode, 0);
    const processes = descendantsOf(doomed.pid ?? 0);
    t.ok(processes.length >= 5, `four daemons and a pipeline: ${processes.length} processes`);
    const tookMs = await doomed.close({ signal, keepState: true });
    t.ok(inTime(tookMs, 2_000), `the demo ended after ${tookMs} ms`);
    const endedAtMs = Date.now();
    t.same(await untilEnded(processes, 3_000), []);
    t.comment(`everything else ended ${Date.now() - endedAtMs} ms later`);
    if (signal === 'SIGTERM') return;
    const again = await Appliance.start({ stateDirectory: doomed.stateDirectory });
    t.equal(
      (await again.status()).broadcast.state,
      'offline',
      'the next demo begins afresh, as after a boot',
    );
    await again.close();
  });
}

t.test('a taken UDP port is said, and another one is found', async (t) => {
  const socket = createSocket('udp6');
  await new Promise<void>((resolve) => {
    socket.once('error', () => resolve()); // taken by somebody else: just as well
    socket.bind(8189, resolve);
  });
  t.teardown(() => socket.close());
  const start = async (port: number): Promise<Appliance> => {
    const demo = await Appliance.start({ args: ['--port', String(port)] });
    t.teardown(() => demo.close());
    return demo;
  };
  let port = await freePort();
  let demo = await start(port);
  if ((await demo.status()).ports.webrtc === 8189) {
    // Another test's box had it, and has just gone: now this one is who takes it.
    port = await freePort();
    demo = await start(port);
  }
  t.match(demo.output, /UDP port 8189 is taken: WebRTC uses a free one instead\./);
  const { ports } = await demo.status();
  t.equal(ports.http, port);
  t.not(ports.webrtc, 8189);
});
