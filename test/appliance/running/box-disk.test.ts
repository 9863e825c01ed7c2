import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import type { RecordingState } from '#core/protocol/endpoints/recordings.ts';
import type { UpdateBody } from '#core/protocol/endpoints/update.ts';
import { checkout } from '../../support/command.ts';
import { callLink } from '../../support/vm/guest-box.ts';
import { runningBox } from '../../support/vm/standard-box.ts';

const vm = await runningBox(t);
const { shell } = vm;
const execute = promisify(execFile);
const megabytes = 64;

// A loop device stands in for the stick: the guest has no USB port. The unit is the one that udev starts.
const image = '/var/tmp/stick.img';

/** Puts a disk of so many bytes with this file system on it where the guest finds it. */
async function format(kind: 'ext4' | 'vfat' | 'exfat'): Promise<void> {
  if (kind !== 'exfat') {
    await shell.run(
      `truncate -s ${megabytes}M ${image} && mkfs.${kind} ${kind === 'ext4' ? '-q -F' : ''} ${image}`,
    );
    return;
  }
  // The box only reads and writes what others have formatted so.
  const folder = await mkdtemp(join(tmpdir(), 'onair-exfat-'));
  const file = join(folder, 'stick.img');
  await execute('truncate', ['-s', `${megabytes}M`, file]);
  await execute(join(checkout, 'image/in-tool-root'), ['mkfs.exfat', file]);
  const packed = await execute('gzip', ['-c', file], { encoding: 'buffer', maxBuffer: 1e8 });
  await rm(folder, { recursive: true });
  await shell.run(`gunzip -c >${image}`, { input: packed.stdout });
}

for (const kind of ['ext4', 'vfat', 'exfat'] as const) {
  t.test(`a disk with ${kind} is mounted for recordings, as a stranger, and let go`, async (t) => {
    await format(kind);
    const device = await shell.run(`losetup -f --show ${image}`);
    const name = device.replace('/dev/', '');
    const mounted = `/run/onair-disks/${name}`;
    t.teardown(async () => {
      await shell.try(`systemd-umount ${mounted}; losetup -d ${device}; rm -f ${image}`);
    });
    await shell.run(`udevadm settle && systemctl start onair-disk@${name}.service`);
    t.equal(await shell.run(`findmnt --noheadings --output FSTYPE ${mounted}`), kind);
    const options = await shell.run(`findmnt --noheadings --output OPTIONS ${mounted}`);
    for (const option of ['rw', 'nosuid', 'nodev', 'noexec', 'nosymfollow', 'noatime'])
      t.match(options, new RegExp(`\\b${option}\\b`), option);
    // The outputs service, in its sandbox, writes to it; control, in its own, deletes.
    const folder = `${mounted}/onair-recordings`;
    for (const unit of ['onair-outputs', 'onair-control']) {
      const command = `nsenter -m -t $(systemctl show -p MainPID --value ${unit}) setpriv --reuid ${unit} --regid ${unit} --init-groups`;
      const act =
        unit === 'onair-outputs' ? `sh -c 'mkdir -p ${folder} && touch ${folder}/try'` : `rm ${folder}/try`;
      await shell.run(`${command} ${act}`);
    }
    t.match(
      await shell.run(`stat -c '%U %G %a' ${folder}`),
      /^onair-outputs onair-outputs 2?770$/,
      'nobody else',
    );
    const storageKind = async (): Promise<string> =>
      ((await callLink(shell, 'GET', '/api/v1/recording')) as RecordingState).storage.kind;
    const dueMs = Date.now() + shell.within(30_000);
    while ((await storageKind()) !== 'usb' && Date.now() < dueMs); // each look takes a while
    t.equal(await storageKind(), 'usb', 'recordings go there');

    // Of one kind: what came of the one before is told until there is something else.
    await t.test(
      'an update on it is offered, and refused where it is none',
      { skip: kind !== 'vfat' },
      async (t) => {
        await shell.run(`echo none >${mounted}/onair-9.9.9-${vm.architecture}.raucb`);
        const until = async (fits: (body: UpdateBody) => boolean): Promise<UpdateBody> => {
          const deadlineMs = Date.now() + shell.within(60_000);
          for (;;) {
            const body = (await callLink(shell, 'GET', '/api/v1/update')) as UpdateBody;
            if (fits(body) || Date.now() > deadlineMs) return body;
          }
        };
        t.match(await until(({ available }) => available !== null), { available: '9.9.9', state: 'idle' });
        await callLink(shell, 'POST', '/api/v1/update', {});
        t.match(await until(({ reason }) => reason !== null), {
          state: 'idle',
          reason: { code: 'update-torn' },
        });
        await shell.run(`rm ${mounted}/onair-9.9.9-${vm.architecture}.raucb`);
      },
    );
  });
}

t.test('the disk that the system runs from is none for recordings', async (t) => {
  const source = (
    await shell.run('findmnt --noheadings --output SOURCE --target /var/lib/onair-data')
  ).trim();
  t.match(source, /^\/dev\/\w+$/);
  await shell.run(`/usr/lib/onair/system/mount-disk ${source.replace('/dev/', '')}`);
  t.equal(await shell.run('ls /run/onair-disks | grep -v loop || true'), '');
});
