import t from 'tap';
import type { RecordingState } from '#core/protocol/endpoints/recordings.ts';
import { callLink } from '../../support/vm/guest-box.ts';
import { runningBox } from '../../support/vm/standard-box.ts';

const vm = await runningBox(t);
const { shell } = vm;

// A loop device stands in for the stick: the guest has no USB port. The unit is the one that udev starts.
t.test('a disk is mounted for recordings, as a stranger, and let go', async (t) => {
  const device = (
    await shell.run(
      'truncate -s 64M /var/tmp/stick.img && mkfs.ext4 -q -F /var/tmp/stick.img && losetup -f --show /var/tmp/stick.img',
    )
  ).trim();
  const name = device.replace('/dev/', '');
  t.teardown(async () => {
    await shell.try(
      `systemd-umount /run/onair-disks/${name}; losetup -d ${device}; rm -f /var/tmp/stick.img`,
    );
  });
  await shell.run(`udevadm settle && systemctl start onair-disk@${name}.service`);
  const options = await shell.run(`findmnt --noheadings --output OPTIONS /run/onair-disks/${name}`);
  for (const option of ['rw', 'nosuid', 'nodev', 'noexec', 'nosymfollow', 'noatime'])
    t.match(options, new RegExp(`\\b${option}\\b`), option);
  const folder = `/run/onair-disks/${name}/onair-recordings`;
  t.equal((await shell.run(`stat -c '%U %G %a' ${folder}`)).trim(), 'onair-outputs onair-outputs 2770');
  // The outputs service, in its sandbox, writes to it; control, in its own, deletes.
  for (const unit of ['onair-outputs', 'onair-control']) {
    const command = `nsenter -m -t $(systemctl show -p MainPID --value ${unit}) setpriv --reuid ${unit} --regid ${unit} --init-groups`;
    const act = unit === 'onair-outputs' ? `touch ${folder}/try` : `rm ${folder}/try`;
    await shell.run(`${command} ${act}`);
  }
  const storageKind = async (): Promise<string> =>
    ((await callLink(shell, 'GET', '/api/v1/recording')) as RecordingState).storage.kind;
  const dueMs = Date.now() + shell.within(30_000);
  while ((await storageKind()) !== 'usb' && Date.now() < dueMs); // each look takes a while
  t.equal(await storageKind(), 'usb', 'recordings go there');
});

t.test('the disk that the system runs from is none for recordings', async (t) => {
  const source = (
    await shell.run('findmnt --noheadings --output SOURCE --target /var/lib/onair-data')
  ).trim();
  t.match(source, /^\/dev\/\w+$/);
  await shell.run(`/usr/lib/onair/system/mount-disk ${source.replace('/dev/', '')}`);
  t.equal(await shell.run('ls /run/onair-disks | grep -v loop || true'), '');
});
