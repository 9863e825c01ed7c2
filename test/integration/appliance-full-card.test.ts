import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Appliance } from '../support/appliance.ts';
import { runOnair } from '../support/command.ts';
import { shortFolder } from '../support/short-folder.ts';

t.setTimeout(240_000);

const mountable = spawnSync('unshare', ['--mount', 'true']).status === 0;
const skip = mountable ? false : 'this user may not mount';

/** A small file system of its own, which goes with the test: a folder in another mount namespace, seen through /proc. */
async function card(t: Test, size: string, then = 'true'): Promise<string> {
  const folder = join(await shortFolder(t), 'card');
  await mkdir(folder);
  const script = `mount -t tmpfs -o size=${size} tmpfs "$1" && cd "$1" && ${then} && echo mounted && read -r _`;
  const holder = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(async () => {
    const gone = once(holder, 'exit');
    holder.kill('SIGKILL');
    await gone;
  });
  await once(holder.stdout, 'data');
  return `/proc/${holder.pid}/root${folder}`;
}

/** Until nothing more fits. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  for (const bytes of [16_384, 512]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  closeSync(file);
}

t.test(
  'a card that fills up in mid-broadcast: told at once, and the broadcast goes on',
  { skip },
  async (t) => {
    const stateDirectory = await card(t, '1m');
    const settings = { video: { width: 320, height: 180, framesPerSecond: 15 } };
    const appliance = await Appliance.start({ stateDirectory, settings });
    t.teardown(() => appliance.close({ keepState: true }));
    t.equal((await appliance.onair('live')).exitCode, 0);
    const { daemons } = await appliance.status();
    fill(join(stateDirectory, 'fill'));

    const told = await appliance.until(
      ({ problems }) => problems.some(({ code }) => code === 'card-full'),
      20_000,
    );
    t.match(told.problems, [{ message: /full/, action: /\w/ }], 'before anybody sets anything');
    t.match((await appliance.onair('status')).stdout, /The card is full/);
    for (const name of ['one', 'two', 'three', 'four', 'five', 'six']) {
      const refused = await appliance.onair('settings', 'set', 'device.name', name);
      t.match(refused, { exitCode: 1, stderr: /could not be stored; nothing was changed/ });
    }
    // Segments go on for a while, each of which has a number that can't be stored.
    const playlist = async () => {
      const text = await (await fetch(`${await appliance.origin()}/hls/media.m3u8`)).text();
      return Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1]) + text.split('#EXTINF').length - 1;
    };
    const first = await playlist();
    while ((await playlist()) < first + 5)
      await (await fetch(`${await appliance.origin()}/api/v1/health`)).text();
    const after = await appliance.until(
      ({ broadcast, advancing }) => broadcast.state === 'live' && advancing,
    );
    t.same(after.daemons, daemons, 'nothing fell');
    t.ok(appliance.output.split('media sequence cannot be stored').length <= 2, 'said once');
  },
);

t.test('a state folder that is read-only is told in words', { skip }, async (t) => {
  const stateDirectory = await card(t, '1m', 'mount -o remount,ro "$1"');
  const { exitCode, stderr } = await runOnair([
    'demo',
    '--port',
    '0',
    '--source',
    'test',
    '--state',
    stateDirectory,
  ]);
  t.equal(exitCode, 1);
  t.match(stderr, /is read-only/);
  t.match(stderr, /--state/);
  t.notMatch(stderr, /EROFS|at .*\.js/);
});
