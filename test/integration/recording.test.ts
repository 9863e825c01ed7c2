import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { ApiClient } from '#core/protocol/client.ts';
import type { StatusBody } from '#core/protocol/endpoints/box.ts';
import {
  getRecording,
  listRecordings,
  type RecordingBody,
  type RecordingState,
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
  const asked = (await box.call('POST', '/api/v1/recording')) as RecordingState;
  t.not(asked.state, 'off', 'the answer says that it was understood');
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

  const widthOf = async (query: string): Promise<{ width: number; bytes: Buffer }> => {
    const answer = await fetch(`${address.replace(/\.mp4$/, '.jpg')}${query}`);
    t.equal(answer.status, 200, query);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const path = join(box.stateDirectory, 'still.jpg');
    await writeFile(path, bytes);
    const shown = ['-show_entries', 'stream=width', '-of', 'csv=p=0'];
    const { stdout } = await run('ffprobe', ['-v', 'error', ...shown, path]);
    return { width: Number(stdout), bytes };
  };
  t.equal((await widthOf('?width=150')).width, 160, 'rounded up to a multiple of 160');
  const begin = await widthOf('?at=0');
  const later = await widthOf('?at=3&width=320');
  t.equal(begin.width, 320);
  t.notOk(begin.bytes.equals(later.bytes), 'another moment, another picture');
  t.ok((await widthOf('?at=99999&width=3840')).width === 320, 'the last one, and no larger than it is');
  for (const query of ['?at=-1', '?at=soon', '?width=1', '?height=9'])
    t.equal((await fetch(`${address.replace(/\.mp4$/, '.jpg')}${query}`)).status, 400, query);

  const viewer = (await (await fetch(`${origin}/api/v1/status`)).json()) as StatusBody;
  t.equal(viewer.viewer?.recordings, true, 'the page is told that there are recordings to be seen');
  t.equal((await fetch(address, { method: 'DELETE' })).status, 401, 'viewers delete nothing');
  await box.call('DELETE', new URL(address).pathname);
  t.same((await clientOf(box).call(listRecordings)).recordings, []);
  t.same(await readdir(join(box.stateDirectory, 'recordings')), [], 'and its picture is gone, too');
});

/** The process that writes, of a box whose outputs service runs. */
async function recorderOf(box: Appliance): Promise<number> {
  const outputs = String((await box.status()).daemons.outputs?.pid);
  const { stdout } = await run('pgrep', ['-f', '-P', outputs, 'onair-recorder|recorder-process']);
  return Number(stdout.trim().split('\n')[0]);
}

t.test(
  'each broadcast is recorded; a recorder that is killed loses a second at most, and its file is whole again, ten times',
  async (t) => {
    const box = await Appliance.start({ settings: { ...small, recording: { mode: 'live' } } });
    t.teardown(() => box.close());
    await box.onair('live');
    const seen = new Map<string, number>();
    const growing = ({ id, state }: RecordingBody): boolean => state === 'recording' && !seen.has(id);
    for (let kills = 0; kills < 10; kills += 1) {
      // Not always at the same moment of a fragment.
      const atLeastSeconds = 1 + (kills % 4) * 0.3;
      const all = await recordingsUntil(box, (list) =>
        list.some((one) => growing(one) && one.durationSeconds > atLeastSeconds),
      );
      const current = all.find(growing);
      if (!current) throw new Error('no recording');
      seen.set(current.id, current.durationSeconds);
      process.kill(await recorderOf(box), 'SIGKILL');
    }
    const all = await recordingsUntil(box, (list) =>
      list.some((one) => growing(one) && one.durationSeconds > 1),
    );
    t.equal(all.length, 11);
    for (const [id, durationSeconds] of seen) {
      const cut = all.find((one) => one.id === id);
      t.equal(cut?.state, 'recovered', id);
      t.ok((cut?.durationSeconds ?? 0) >= durationSeconds - 1, `${id}: no more than a second is lost`);
      const { problems, pictures } = await decode(join(box.stateDirectory, 'recordings', `${id}.mp4`));
      t.equal(problems, '', `${id} is decoded whole`);
      t.ok(pictures > 0);
    }
    t.equal((await box.status()).broadcast.state, 'live', 'the broadcast did not notice');
    await box.onair('stop');
    const ended = await recordingsUntil(box, (list) => list.every(({ state }) => state !== 'recording'));
    t.equal(ended.length, 11);
  },
);

t.test('a disk that dies (EIO) ends the recording, says so, and the broadcast does not notice', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'onair-eio-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const [library, mark] = [join(folder, 'failing-disk.so'), join(folder, 'dead')];
  const source = fileURLToPath(new URL('../support/failing-disk.c', import.meta.url));
  await run('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl']);
  const box = await Appliance.start({
    settings: { ...small, recording: { mode: 'live' } },
    environment: { LD_PRELOAD: library, ONAIR_TEST_DEAD_DISK: mark },
  });
  t.teardown(() => box.close());
  await box.onair('live');
  const [made] = await recordingsUntil(box, ([one]) => one?.state === 'recording' && one.durationSeconds > 2);
  await writeFile(mark, '');
  const recorder = async (fits: (state: RecordingState) => boolean): Promise<RecordingState> => {
    const dueMs = Date.now() + 20_000;
    for (;;) {
      const state = await clientOf(box).call(getRecording);
      if (fits(state)) return state;
      if (Date.now() > dueMs) throw new Error(`still ${JSON.stringify(state)}\n${await box.logs()}`);
    }
  };
  const failed = await recorder(({ state }) => state === 'failed');
  t.match(failed.reason, { code: 'storage-failed', message: /EIO/ });
  t.equal((await box.status()).broadcast.state, 'live', 'the broadcast did not notice');
  const { problems } = await decode(join(box.stateDirectory, 'recordings', `${made?.id}.mp4`));
  t.equal(problems, '', 'what was written plays');
  await rm(mark);
  t.equal((await box.onair('record')).exitCode, 0);
  await recorder(
    ({ state, id, durationSeconds }) => state === 'recording' && id !== made?.id && durationSeconds > 0,
  );
  const [, first] = await recordingsUntil(box, (all) => all.length === 2);
  t.equal(first?.id, made?.id);
});

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
