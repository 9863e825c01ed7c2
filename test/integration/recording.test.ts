import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { ApiClient } from '#core/protocol/client.ts';
import {
  deleteRecording,
  listRecordings,
  type RecordingBody,
  recordingList,
} from '#core/protocol/endpoints/recordings.ts';
import { linkTransport } from '#core/runtime/link-transport.ts';
import { Appliance } from '../support/appliance.ts';

// Recording over the built bundles, with ffmpeg as the judge.

const run = promisify(execFile);

t.setTimeout(240_000);

const small = { video: { width: 320, height: 180, framesPerSecond: 15, bitrateKbps: 500 } };

function clientOf(box: Appliance): ApiClient<'operator'> {
  return new ApiClient<'operator'>(linkTransport(join(box.stateDirectory, 'control.sock')));
}

/** Waits until the list satisfies; the recorder writes twice a second. */
async function recordingsUntil(
  box: Appliance,
  satisfied: (recordings: RecordingBody[]) => boolean,
): Promise<RecordingBody[]> {
  const client = clientOf(box);
  const dueMs = Date.now() + 40_000;
  for (;;) {
    const { recordings } = await client.call(listRecordings);
    if (satisfied(recordings)) return recordings;
    if (Date.now() > dueMs) throw new Error(`still ${JSON.stringify(recordings)}\n${await box.logs()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Decodes a file whole: frames of picture and of sound, and what the decoder complained of. */
async function decode(path: string): Promise<{ pictures: number; sounds: number; problems: string }> {
  const count = async (stream: string): Promise<number> => {
    const { stdout } = await run('ffprobe', [
      ...['-v', 'error', '-count_frames', '-select_streams', stream],
      ...['-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0', path],
    ]);
    return Number(stdout.trim().split('\n')[0]);
  };
  const { stderr } = await run('ffmpeg', ['-v', 'error', '-i', path, '-f', 'null', '-']);
  return { pictures: await count('v:0'), sounds: await count('a:0'), problems: stderr };
}

t.test('a broadcast is recorded by hand, listed, downloaded as an ordinary file, and deleted', async (t) => {
  const box = await Appliance.start({ settings: small });
  t.teardown(() => box.close());
  const offAir = await box.onair('record');
  t.equal(offAir.exitCode, 1);
  t.match(offAir.stderr, /Nothing is on air/);

  t.equal((await box.onair('live')).exitCode, 0);
  t.equal((await box.onair('record')).exitCode, 0);
  await recordingsUntil(box, ([one]) => one?.state === 'recording' && one.durationSeconds > 4);
  const listed = await box.onair('recordings', '--json');
  t.ok(recordingList.safeParse(JSON.parse(listed.stdout)).success);
  t.equal((await box.onair('record', 'stop')).exitCode, 0);
  const [made] = await recordingsUntil(box, ([one]) => one?.state === 'complete');
  if (!made) throw new Error('no recording');
  t.match(made.id, /^\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_Live$/);
  t.equal(made.clock, 'set');
  t.ok(Math.abs(Date.parse(made.startTime ?? '') - Date.now()) < 120_000);

  const origin = await box.origin();
  const address = `${origin}/api/v1/recordings/${encodeURIComponent(made.id)}.mp4`;
  t.equal((await fetch(address)).status, 403, 'viewers are not let in');
  await box.call('PATCH', '/api/v1/settings', { viewing: { recordings: true } });
  const whole = Buffer.from(await (await fetch(address)).arrayBuffer());
  t.ok(whole.indexOf('moov') < whole.indexOf('mdat'), 'the index stands in front');
  t.equal(whole.indexOf('moof'), -1, 'no fragments');
  const download = join(box.stateDirectory, 'download.mp4');
  await writeFile(download, whole);
  const ordinary = await decode(download);
  const onDisk = await decode(join(box.stateDirectory, 'recordings', `${made.id}.mp4`));
  t.equal(ordinary.problems, '');
  t.equal(onDisk.problems, '');
  t.equal(ordinary.pictures, onDisk.pictures, 'the same pictures');
  t.ok(
    ordinary.pictures >= 20 && ordinary.sounds > 0,
    `${ordinary.pictures} pictures, ${ordinary.sounds} sounds`,
  );

  const part = await fetch(address, { headers: { range: 'bytes=1000-1999' } });
  t.equal(part.status, 206);
  t.equal(part.headers.get('content-range'), `bytes 1000-1999/${whole.length}`);
  t.ok(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(1000, 2000)));
  const end = await fetch(address, { headers: { range: `bytes=${whole.length - 5000}-` } });
  t.ok(Buffer.from(await end.arrayBuffer()).equals(whole.subarray(-5000)), 'the end by itself');
  t.equal((await fetch(address, { headers: { range: `bytes=${whole.length}-` } })).status, 416);
  for (const id of ['..%2F..%2Fsettings', '%2Fetc%2Fpasswd', 'nothing', '.hidden'])
    t.equal((await fetch(`${origin}/api/v1/recordings/${id}.mp4`)).status, 404, id);

  const thumbnail = await fetch(address.replace(/\.mp4$/, '.jpg'));
  t.equal(thumbnail.headers.get('content-type'), 'image/jpeg');
  t.equal(Buffer.from(await thumbnail.arrayBuffer()).readUInt16BE(0), 0xffd8, 'a small picture of it');

  await clientOf(box).call(deleteRecording, { params: { id: made.id } });
  t.same((await clientOf(box).call(listRecordings)).recordings, []);
  t.same(await readdir(join(box.stateDirectory, 'recordings')), [], 'and its picture is gone, too');
});

t.test(
  'each broadcast is recorded; a recorder that is killed loses a second at most, and its file is whole again',
  async (t) => {
    const box = await Appliance.start({ settings: { ...small, recording: { mode: 'live' } } });
    t.teardown(() => box.close());
    await box.onair('live');
    const [first] = await recordingsUntil(
      box,
      ([one]) => one?.state === 'recording' && one.durationSeconds > 3,
    );
    const { stdout } = await run('pgrep', [
      '-f',
      '-P',
      String((await box.status()).daemons.outputs?.pid),
      'onair-recorder|recorder-process',
    ]);
    process.kill(Number(stdout.trim().split('\n')[0]), 'SIGKILL');
    const both = await recordingsUntil(
      box,
      (all) =>
        all.length === 2 &&
        all.some(({ state, durationSeconds }) => state === 'recording' && durationSeconds > 1),
    );
    const cut = both.find(({ id }) => id === first?.id);
    t.equal(cut?.state, 'recovered');
    t.ok((cut?.durationSeconds ?? 0) >= (first?.durationSeconds ?? 99) - 1, 'no more than a second is lost');
    const { problems, pictures } = await decode(join(box.stateDirectory, 'recordings', `${cut?.id}.mp4`));
    t.equal(problems, '');
    t.ok(pictures > 10, 'a busy machine encodes fewer');
    t.equal((await box.status()).broadcast.state, 'live', 'the broadcast did not notice');
    await box.onair('stop');
    await recordingsUntil(box, (all) => all.length === 2 && all.every(({ state }) => state !== 'recording'));
  },
);

t.test(
  'no room ends the recording, not the broadcast; the oldest makes room where that is set',
  async (t) => {
    const box = await Appliance.start({
      settings: { ...small, recording: { mode: 'live', keepFreeMB: 1_000_000 } },
    });
    t.teardown(() => box.close());
    await box.onair('live');
    const failed = await box.onair('record');
    t.ok(failed.stdout.length > 0);
    const client = clientOf(box);
    const { getRecording } = await import('#core/protocol/endpoints/recordings.ts');
    let state = await client.call(getRecording);
    const dueMs = Date.now() + 20_000;
    while (state.state !== 'failed' && Date.now() < dueMs) state = await client.call(getRecording);
    t.match(state, { state: 'failed', reason: { code: 'storage-full' } });
    t.equal((await box.until(({ broadcast }) => broadcast.state === 'live')).broadcast.state, 'live');
    await box.call('PATCH', '/api/v1/settings', { recording: { keepFreeMB: 50 } });
    await recordingsUntil(box, (all) => all.some(({ state: one }) => one === 'recording'));
    const files = await readdir(join(box.stateDirectory, 'recordings'));
    t.ok(files.length >= 1);
    t.ok((await readFile(join(box.stateDirectory, 'recordings', files[0] ?? ''))).length > 0);
  },
);
