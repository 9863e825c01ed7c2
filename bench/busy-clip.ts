import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const seconds = 8;

/**
 * A clip with so much going on that an encoder uses the whole bitrate it is given: the test picture is too easy
 * for that, and half-filled packets cost as much as full ones.
 * @returns the source for it, and what removes it
 */
export async function makeBusyClip(): Promise<{ source: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'onair-bench-'));
  const path = join(folder, 'busy.mp4');
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=1280x720:rate=30:duration=${seconds}`];
  const sound = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`];
  const busy = [
    '-vf',
    'noise=alls=12:allf=t',
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-b:v',
    '8M',
    '-pix_fmt',
    'yuv420p',
  ];
  await promisify(execFile)('ffmpeg', ['-v', 'error', ...picture, ...sound, ...busy, '-c:a', 'aac', path]);
  return { source: `file:${path}`, remove: () => rm(folder, { recursive: true, force: true }) };
}
