import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import t from 'tap';
import { type RecordingState, recordingState } from '#core/protocol/endpoints/recordings.ts';
import { Appliance } from '../support/appliance.ts';

// A disk that is plugged in, full and pulled: a file system of its own in an appliance with mounts of its own.

t.setTimeout(240_000);

const run = promisify(execFile);

/** A disk's image that can be mounted on this machine; else why not. */
async function diskImage(folder: string): Promise<string> {
  const image = join(folder, 'disk.img');
  await run('truncate', ['-s', '120M', image]);
  await run('mkfs.ext4', ['-q', '-F', image]);
  execFileSync('unshare', ['-m', 'mount', '-o', 'loop', image, folder], { stdio: 'ignore' });
  return image;
}

const folder = await mkdtemp(join(tmpdir(), 'onair-disk-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
const image = await diskImage(folder).catch((error: Error) => error);

t.test(
  'a USB disk is waited for, taken, filled and pulled; the broadcast does not notice',
  { skip: image instanceof Error && `no disk can be mounted here: ${image.message}` },
  async (t) => {
    const box = await Appliance.start({
      settings: {
        video: { width: 320, height: 180, framesPerSecond: 15, bitrateKbps: 500 },
        recording: { mode: 'live', location: 'usb', keepFreeMB: 50 },
      },
      within: ['unshare', '-m'],
    });
    t.teardown(() => box.close());
    const inside = (...command: string[]) => run('nsenter', ['-m', '-t', String(box.pid), ...command]);
    const until = async (fits: (state: RecordingState) => boolean): Promise<RecordingState> => {
      const dueMs = Date.now() + 40_000;
      for (;;) {
        const state = recordingState.parse(await box.call('GET', '/api/v1/recording'));
        if (fits(state)) return state;
        if (Date.now() > dueMs) throw new Error(`still ${JSON.stringify(state)}\n${await box.logs()}`);
        await wait(50);
      }
    };
    const stick = join(box.stateDirectory, 'disks', 'stick');
    await mkdir(stick, { recursive: true });
    const plug = () => inside('mount', '-o', 'loop,nosuid,nodev,noexec', String(image), stick);
    const pull = () => inside('umount', '-l', stick);

    await box.onair('live');
    t.equal((await until(({ state }) => state === 'failed')).reason?.code, 'no-usb-disk');
    await plug();
    const taken = await until(({ state, durationSeconds }) => state === 'recording' && durationSeconds > 2);
    t.equal(taken.storage.kind, 'usb');
    t.ok(taken.storage.freeBytes > 0 && taken.storage.freeBytes < 130e6, 'its own room');

    // Somebody else fills it to the last byte, between two looks at its room: the kernel says ENOSPC.
    await inside('sh', '-c', `head -c 200M /dev/zero > ${stick}/filler || true`);
    t.equal((await until(({ state }) => state === 'failed')).reason?.code, 'storage-full');
    await inside('rm', `${stick}/filler`);
    await box.onair('record');
    const again = await until(({ state, durationSeconds }) => state === 'recording' && durationSeconds > 2);
    t.not(again.id, taken.id);

    await pull();
    t.equal((await until(({ state }) => state === 'failed')).reason?.code, 'disk-pulled');
    t.equal((await box.status()).broadcast.state, 'live', 'the broadcast did not notice');
    await plug();
    await box.onair('record');
    await until(({ state, durationSeconds }) => state === 'recording' && durationSeconds > 1);
    const { recordings } = (await box.call('GET', '/api/v1/recordings')) as { recordings: { id: string }[] };
    t.equal(recordings.length, 3);
    for (const { id } of recordings) {
      const { stderr } = await inside(
        ...['ffmpeg', '-v', 'error', '-i', join(stick, 'onair-recordings', `${id}.mp4`), '-f', 'null', '-'],
      );
      // Its null muxer rounds times to whole frames, and complains of what it rounded: no matter of the file's.
      const complaints = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('[null @'));
      t.same(complaints, [], `${id} plays`);
    }
    await box.onair('stop');
  },
);
