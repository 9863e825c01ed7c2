import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Appliance } from '../support/appliance.ts';
import { ask } from '../support/ask.ts';
import { runOnair } from '../support/command.ts';
import { inTime } from '../support/in-time.ts';
import { LancastWatch } from '../support/lancast-watch.ts';

t.setTimeout(240_000);

const small = { video: { width: 320, height: 240, framesPerSecond: 15 } };
const folder = await mkdtemp(join(tmpdir(), 'onair-bad-'));
const noClip = join(folder, 'no-clip.mp4');
await writeFile(noClip, 'this is text, whatever its name says\n'.repeat(1_000));
t.teardown(() => rm(folder, { recursive: true, force: true }));

t.test('while a broadcast goes on', async (t) => {
  const appliance = await Appliance.start({ settings: small });
  t.teardown(() => appliance.close());
  const origin = await appliance.origin();
  t.equal((await appliance.onair('live')).exitCode, 0);
  const { broadcast } = await appliance.status();

  /** Live under the same start time, and pictures flow. */
  const goesOn = async (t: Test): Promise<void> => {
    const after = await appliance.until(({ advancing }) => advancing);
    t.same(after.broadcast.startTime, broadcast.startTime, 'the broadcast goes on');
  };

  t.test('a source that does not exist, and one that is no clip', async (t) => {
    for (const [source, code] of [
      [`file:${join(folder, 'nothing.mp4')}`, 'clip-missing'],
      [`file:${noClip}`, 'clip-unreadable'],
      [`file:${folder}`, 'clip-not-file'],
      ['v4l2:/dev/video97', 'source-missing'],
    ]) {
      await appliance.call('PATCH', '/api/v1/settings', { video: { source } });
      const refused = await appliance.until(({ broadcast }) => broadcast.reason?.code === code);
      t.match(refused.broadcast.reason, { code, message: /./, action: /./ }, `said: ${source}`);
      t.match((await appliance.onair('status')).stdout, refused.broadcast.reason?.message ?? '?');
      await goesOn(t);
    }
    await appliance.call('PATCH', '/api/v1/settings', { video: { source: 'test' } });
    await appliance.until(({ broadcast }) => broadcast.reason === null);
    await goesOn(t);
  });

  t.test('settings that cannot be', async (t) => {
    const refused: [object, RegExp][] = [
      [{ video: { width: 100_000 } }, /video\.width/],
      [{ video: { width: 641 } }, /video\.width/],
      [{ video: { framesPerSecond: 'fast' } }, /video\.framesPerSecond/],
      [{ video: { source: 'test ! filesink location=/etc/passwd' } }, /video\.source/],
      [{ video: { colour: 'red' } }, /video\.colour is not a setting/],
      [{ nonsense: 1 }, /nonsense is not a setting/],
      [{ viewing: { maxViewers: 0 } }, /viewing\.maxViewers/],
      [{ viewing: { pin: '12' } }, /viewing\.pin/],
      [{ device: { id: 'another' } }, /device\.id cannot be changed/],
      [{ video: 5 }, /video/],
    ];
    const before = await appliance.call('GET', '/api/v1/settings');
    for (const [patch, said] of refused) {
      const problem = await appliance.call('PATCH', '/api/v1/settings', patch).catch(String);
      t.match(problem, / 400 .*invalid-message/, JSON.stringify(patch));
      t.match(problem, said);
    }
    t.same(await appliance.call('GET', '/api/v1/settings'), before, 'nothing has changed');
  });

  t.test('web socket messages that the protocol does not have', async (t) => {
    const lancast = await LancastWatch.open(origin);
    lancast.socket.send('this is not JSON');
    lancast.socket.send('{"type":"status"}');
    lancast.socket.send(Buffer.from([0, 1, 2]));
    const heard = lancast.heard.length;
    const other = await LancastWatch.open(origin);
    await lancast.until(({ viewerCount }) => viewerCount === 2);
    t.ok(lancast.heard.length > heard, 'the connection goes on and hears what changes');
    other.close();
    lancast.socket.send(Buffer.alloc(100_000, 0x20).toString());
    t.equal(await lancast.closed(), 1009, 'a message of 100 kB closes it');

    const flood = await LancastWatch.open(origin);
    for (let sent = 0; sent < 500; sent += 1) flood.socket.send('{}');
    t.equal(await flood.closed(), 1008, 'a flood closes it');
    await appliance.until(({ audience }) => audience.viewers === 0);
  });

  t.test('a second demo for the same state', async (t) => {
    const { exitCode, stderr } = await runOnair(['demo', '--port', '0', '--state', appliance.stateDirectory]);
    t.equal(exitCode, 1);
    t.match(stderr, /^onair: An Onair is running in .* already\..*\n$/);
    await goesOn(t);
  });

  t.test('bodies that cannot be', async (t) => {
    const { stream } = await appliance.status();
    const url = `${origin}/api/v1/streams/${stream.id}/tokens`;
    const json = { 'content-type': 'application/json' };
    t.equal((await ask('POST', url, { headers: json, body: '{' })).status, 400);
    t.equal((await ask('POST', url, { headers: json, body: '{"pin":1}' })).status, 400);
    t.equal((await ask('POST', url, { headers: { 'content-type': 'text/xml' }, body: '<a/>' })).status, 415);
    t.equal((await ask('POST', url, { headers: json, body: Buffer.alloc(10_000_000, 0x20) })).status, 413);
    await goesOn(t);
  });
});

t.test('going live with a source that cannot be', async (t) => {
  const appliance = await Appliance.start({ source: `file:${join(folder, 'nothing.mp4')}` });
  t.teardown(() => appliance.close());
  const missing = await appliance.onair('live');
  t.equal(missing.exitCode, 1);
  t.match(missing.stderr, /^onair: The clip .*nothing\.mp4 does not exist\. Set video\.source .*\n$/);
  t.equal((await appliance.status()).broadcast.state, 'failed');
  await appliance.call('PATCH', '/api/v1/settings', { video: { source: `file:${noClip}` } });
  const unreadable = await appliance.onair('live');
  t.equal(unreadable.exitCode, 1);
  t.match(
    unreadable.stderr,
    /^onair: The clip cannot be decoded: .* Choose a clip that GStreamer can decode\.\n$/,
  );
  await appliance.call('PATCH', '/api/v1/settings', { ...small, video: { ...small.video, source: 'test' } });
  t.equal((await appliance.onair('live')).exitCode, 0, 'and with one that can, it goes live');
});

t.test('no camera at all: what was looked for', async (t) => {
  const appliance = await Appliance.start({ source: 'auto' });
  t.teardown(() => appliance.close());
  const { exitCode, stderr } = await appliance.onair('live');
  if (exitCode === 0) {
    t.pass('no camera', { skip: 'this machine has one' });
    return;
  }
  t.equal(exitCode, 1);
  t.match(stderr, /^onair: No camera was found: .*CSI.*V4L2.*\n$/);
});

t.test('a GStreamer element is missing', async (t) => {
  // A registry of its own, made from a folder without plug-ins.
  const appliance = await Appliance.start({
    environment: { GST_PLUGIN_SYSTEM_PATH: folder, GST_REGISTRY: join(folder, 'registry.bin') },
  });
  t.teardown(() => appliance.close());
  const { exitCode, stderr } = await appliance.onair('live');
  t.equal(exitCode, 1);
  t.match(stderr, /^onair: GStreamer has no element \S+ here\. Install the package that holds it: .*\n$/);
  const doctor = await runOnair(['doctor'], {
    GST_PLUGIN_SYSTEM_PATH: folder,
    GST_REGISTRY: join(folder, 'registry.bin'),
  });
  t.equal(doctor.exitCode, 1);
  t.match(
    doctor.stderr,
    /MISSING {2}GStreamer x264enc.*\n +(sudo )?apt-get install gstreamer1\.0-plugins-ugly/,
  );
});

t.test('a port that is taken', async (t) => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : 0);
    });
  });
  t.teardown(() => server.close());
  const state = join(folder, 'port-taken');
  const { exitCode, stderr, tookMs } = await runOnair(['demo', '--port', String(port), '--state', state]);
  t.equal(exitCode, 1);
  t.match(stderr, new RegExp(`^onair: Port ${port} is in use by another program\\. Choose another .*\\n$`));
  t.ok(inTime(tookMs, 10_000), `said after ${tookMs} ms`);
  t.equal((await runOnair(['status', '--state', state])).exitCode, 3, 'nothing is left running');
});
