import { spawnSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import type { IngestAddresses } from '#core/protocol/endpoints/ingest.ts';
import { Appliance } from '../support/appliance.ts';
import { writeBeepingClip } from '../support/media-clip.ts';
import { decodeStamps, run, soundOnsets } from '../support/media-decode.ts';
import { percentile } from '../support/percentile.ts';
import { placeOf } from '../support/picture-place.ts';
import { PublisherProgram } from '../support/publishers.ts';

/** Publishers by WHIP whose WebRTC has nothing in common with browsers: they leave, are killed, and hang. */

t.setTimeout(300_000);

const settings = {
  video: { source: 'whip', width: 640, height: 360, framesPerSecond: 15 },
  ingest: { srtPort: 0, rtmpPort: 0 },
};
const appliance = await Appliance.start({ settings });
t.teardown(() => appliance.close());
const origin = await appliance.origin();
const ingest = async () => ((await appliance.call('GET', '/api/v1/ingest')) as IngestAddresses).whip;
const { url = '', token = '' } = (await ingest()) ?? {};

/** On a busy machine WebRTC takes its time. */
const boundMs = 60_000;
const inState = (state: string) => appliance.until(({ broadcast }) => broadcast.state === state, boundMs);

/** What is told of a publisher comes by way of media: a moment after the publisher knows. */
async function untilGone(): Promise<void> {
  for (
    const deadlineMs = performance.now() + boundMs;
    (await ingest())?.publisher !== null;
    await setTimeout(50)
  )
    if (performance.now() > deadlineMs) throw new Error('the publisher is still there');
}

/** Ends the broadcast that a publisher began. */
async function stop(t: Test): Promise<void> {
  t.match(await appliance.onair('stop'), { exitCode: 0 });
  await inState('offline');
}

const scriptOf = (make: string): string =>
  fileURLToPath(new URL(`../support/whip-publisher-${make}.py`, import.meta.url));

function publish(t: Test, make: string, ...args: string[]): PublisherProgram {
  const command = [`WHIP_TOKEN=${token}`, '/usr/bin/python3', scriptOf(make), url, ...args];
  return new PublisherProgram(t, '/usr/bin/env', command);
}

/** Why this publisher can't run on this machine; it has no address to publish to here. */
function lacks(make: string): string | false {
  const { status, stderr, error } = spawnSync('/usr/bin/python3', [scriptOf(make)], { encoding: 'utf8' });
  if (error) return error.message;
  return status === 77 && stderr.trim();
}

for (const make of ['aiortc', 'webrtcbin']) {
  t.test(
    `${make} publishes, is killed, hangs and leaves; the broadcast goes on`,
    { skip: lacks(make) },
    async (t) => {
      const first = publish(t, make);
      const { broadcast } = await inState('live');
      t.match(await ingest(), { publisher: { address: '127.0.0.1' }, reason: null });
      await first.kill();
      await inState('retrying');

      const second = publish(t, make);
      await inState('live');
      second.signal('SIGSTOP');
      await inState('retrying');
      await untilGone();
      await second.kill();

      const third = publish(t, make);
      const again = await inState('live');
      t.equal(again.broadcast.startTime, broadcast.startTime, 'one broadcast all the time');
      await third.end();
      await untilGone();
      await inState('retrying');
      t.equal(third.child.exitCode, 0, 'DELETE was answered');
      await stop(t);
    },
  );
}

t.test('who publishes already is on the air at once', { skip: lacks('aiortc') }, async (t) => {
  await appliance.call('PATCH', '/api/v1/settings', { ingest: { goesLive: false } });
  // aiortc 1.4 does not make a key frame of H.264 when it is asked to: what it sent before has to do.
  const publisher = publish(t, 'aiortc');
  for (; (await ingest())?.publisher === null; await setTimeout(50));
  await appliance.call('POST', '/api/v1/broadcast');
  await inState('live');
  await publisher.end();
  await stop(t);
  await appliance.call('PATCH', '/api/v1/settings', { ingest: { goesLive: true } });
});

/** Black at the left of what viewers get, of 64 columns. */
async function blackAtLeft(): Promise<number> {
  const flags = ['-v', 'error', '-live_start_index', '-1', '-i', `${origin}/hls/live.m3u8`];
  const { output } = await run('ffmpeg', [
    ...flags,
    '-an',
    '-c',
    'copy',
    '-t',
    '1',
    '-f',
    'matroska',
    'pipe:1',
  ]);
  return (await placeOf(output)).left;
}

t.test(
  "a picture is turned on its side, and H.264's parameters come with the offer alone",
  { skip: lacks('webrtcbin') },
  async (t) => {
    const upright = publish(t, 'webrtcbin');
    await inState('live');
    for (; (await blackAtLeft()) !== 8; ); // 4:3 in 16:9
    upright.signal('SIGUSR1');
    for (; (await blackAtLeft()) !== 18; ); // 3:4
    t.equal((await appliance.status()).broadcast.state, 'live');
    await upright.end();
    await inState('retrying');
    const publisher = publish(t, 'webrtcbin', '320', '240', '15', 'offer');
    await inState('live');
    await publisher.end();
    await stop(t);
  },
);

t.test('sound and picture stay together', { skip: lacks('webrtcbin') }, async (t) => {
  const clip = `${t.testdir({})}/beeps.mkv`;
  await writeBeepingClip(clip, { seconds: 30 });
  const command = [
    `WHIP_TOKEN=${token}`,
    `WHIP_CLIP=${clip}`,
    '/usr/bin/python3',
    scriptOf('webrtcbin'),
    url,
  ];
  new PublisherProgram(t, '/usr/bin/env', command);
  await inState('live');
  const flags = ['-v', 'error', '-live_start_index', '-1', '-i', `${origin}/hls/live.m3u8`];
  const { output: movie } = await run('ffmpeg', [
    ...flags,
    '-t',
    '12',
    '-c',
    'copy',
    '-f',
    'matroska',
    'pipe:1',
  ]);
  const { frames } = await decodeStamps(movie);
  const offsets = frames.flatMap(({ seconds, stamp }) => (stamp ? [stamp.clockMs / 1_000 - seconds] : []));
  const offset = percentile(offsets, 0.5);
  const onsets = await soundOnsets(movie);
  t.ok(onsets.length >= 4, `${onsets.length} beeps`);
  // A beep begins at each full second of the clock in the picture.
  const apartMs = onsets.map((onset) => ((onset + offset + 0.5) % 1) * 1_000 - 500);
  t.ok(Math.abs(percentile(apartMs, 0.5)) < 40, `${apartMs.map((ms) => ms.toFixed(1))} ms apart`);
  await stop(t);
});
