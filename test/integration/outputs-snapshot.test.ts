import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';

const run = promisify(execFile);

async function sizeOf(file: string): Promise<string> {
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-show_entries', 'stream=codec_name,width,height', '-of', 'csv=p=0', file],
  ]);
  return stdout.trim();
}

t.test('a snapshot is the newest picture, for those who may watch', async (t) => {
  const box = await Appliance.start({ settings: { video: { width: 640, height: 360, bitrateKbps: 500 } } });
  t.teardown(() => box.close());
  const file = join(box.stateDirectory, 'shot.jpg');
  t.match(await box.onair('snapshot', file), { exitCode: 1, stderr: /no picture now/i }, 'not live');
  const origin = await box.origin();
  t.match(await fetch(`${origin}/api/v1/snapshot.jpg`), { status: 503 });
  await box.onair('live');

  t.match(await box.onair('snapshot', file), { exitCode: 0 });
  t.equal(await sizeOf(file), 'mjpeg,640,360');
  const asked = Array.from({ length: 20 }, () => fetch(`${origin}/api/v1/snapshot.jpg?width=300`));
  const bodies = await Promise.all(
    (await Promise.all(asked)).map(async (answer) => {
      t.match(answer, { status: 200 });
      t.equal(answer.headers.get('content-type'), 'image/jpeg');
      return Buffer.from(await answer.arrayBuffer());
    }),
  );
  t.ok(new Set(bodies.map((body) => body.toString('base64'))).size <= 2, 'decoded once for all who ask');
  await writeFile(file, bodies[0] ?? Buffer.alloc(0));
  t.equal(await sizeOf(file), 'mjpeg,320,180', 'the width is rounded up');
  t.match(await fetch(`${origin}/api/v1/snapshot.jpg?width=0`), { status: 400 });
  t.match(await fetch(`${origin}/api/v1/snapshot.jpg?width=99999`), { status: 400 });

  await box.call('PATCH', '/api/v1/settings', { viewing: { access: 'pin', pin: '2468' } });
  t.match(await fetch(`${origin}/api/v1/snapshot.jpg`), { status: 401 }, 'it takes what watching takes');
});
