import { execFile } from 'node:child_process';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { checkout, readText } from '#test/support/source-files.ts';
import { bootArguments, bootCommands } from '../../../image/test/boot-script.ts';

const run = promisify(execFile);

t.test('the card: the firmware’s choice, two boot partitions, two systems, data', async (t) => {
  const text = await readText('image/genimage.cfg');
  t.match(text, /partition-table-type = "mbr"/);
  t.match(text, /extended-partition = 4/, 'behind the first three');
  const found = [
    ...text.matchAll(
      /partition ([\w-]+) \{\s*partition-type = (\S+)(?:\s*bootable = true)?(?:\s*image = "(\S+)")?/g,
    ),
  ].map(([, name, type, image]) => [name, type, image ?? null]);
  t.strictSame(found, [
    ['first', '0xC', 'first.vfat'],
    ['boot-a', '0xC', 'boot.vfat'],
    ['boot-b', '0xC', null],
    ['system-a', '0x83', 'root.squashfs'],
    ['system-b', '0x83', null],
    ['data', '0x83', 'data.ext4'],
  ]);
});

t.test('the kernel finds the system on its own card', async (t) => {
  const cmdline = await readText('firmware/boot/cmdline.txt');
  t.equal(cmdline.trim().split('\n').length, 1, 'one line');
  t.match(cmdline, / root=PARTUUID=@DISK@-@SYSTEM@ rauc.slot=@SLOT@ quiet /);
  t.match(await readText('image/genimage.cfg'), /disk-signature = 0x@DISK@/);
  const folder = t.testdir({ A: { 'cmdline.txt': cmdline }, B: { 'cmdline.txt': cmdline } });
  for (const [slot, system] of [
    ['A', '05'],
    ['B', '06'],
  ] as const) {
    await run('image/boot-cmdline', [join(folder, slot), '1234abcd', slot], { cwd: checkout });
    t.match(
      await readFile(join(folder, slot, 'cmdline.txt'), 'utf8'),
      ` root=PARTUUID=1234abcd-${system} rauc.slot=${slot} `,
    );
  }
});

t.test('config.txt starts the files that are there', async (t) => {
  const names = async (flavour: string): Promise<string[]> =>
    (await run('image/boot-names', [flavour, 'pi-3 pi-4 pi-5'], { cwd: checkout })).stdout.split('\n');
  const debian = await readText('firmware/boot/config-debian.txt');
  const kernel = /^kernel=(.*)$/m.exec(debian)?.[1] ?? '';
  const initrd = /^initramfs (\S+) followkernel$/m.exec(debian)?.[1] ?? '';
  t.ok((await names('debian')).includes(kernel), kernel);
  t.ok((await names('debian')).includes(initrd), initrd);
  t.match(await readText('firmware/boot/config-raspios.txt'), /^auto_initramfs=1$/m);
  t.ok((await names('raspios')).includes('initramfs_2712'));
});

t.test('names and keys outlive a restart: copied out once, whole', async (t) => {
  const folder = t.testdir({ system: { etc: { ssh: {} }, usr: { lib: { 'onair-image': {} } } }, data: {} });
  const at = (path: string): string => join(folder, path);
  await writeFile(
    at('system/usr/lib/onair-image/kept-files'),
    '# names\netc/hostname\netc/ssh/key\n\netc/none\n',
  );
  await writeFile(at('system/etc/hostname'), 'kitchen\n');
  await writeFile(at('system/etc/ssh/key'), 'secret');
  await chmod(at('system/etc/ssh/key'), 0o600);
  const keep = (): Promise<unknown> =>
    run('image/files/usr/lib/onair-image/keep', [at('system'), at('data')], { cwd: checkout });
  await keep();
  t.equal(await readFile(at('data/etc/hostname'), 'utf8'), 'kitchen\n');
  await writeFile(at('system/etc/hostname'), 'hall\n');
  await writeFile(at('system/etc/ssh/key'), '');
  await keep();
  t.equal(await readFile(at('data/etc/hostname'), 'utf8'), 'hall\n');
  t.equal(await readFile(at('data/etc/ssh/key'), 'utf8'), 'secret', 'an empty file is none');
  t.strictSame((await readdir(at('data/etc'))).sort(), ['hostname', 'ssh'], 'nothing half done is left');
});

t.test('what the initrd keeps is listed where it looks', async (t) => {
  const script = await readText('firmware/boot/initramfs/onair');
  t.match(script, '/usr/lib/onair-image/kept-folders');
  t.match(script, '/usr/lib/onair-image/kept-files');
  await run('sh', ['-n', join(checkout, 'firmware/boot/initramfs/onair')]);
  const folders = (await readText('image/files/usr/lib/onair-image/kept-folders'))
    .split('\n')
    .filter((line) => /^[0-9]/.test(line));
  for (const line of folders) t.match(line, /^[0-7]{4} [a-zA-Z][\w/-]*$/);
  for (const wanted of [
    'var/lib/onair',
    'var/lib/NetworkManager',
    'etc/NetworkManager/system-connections',
    'var/log/journal',
  ])
    t.ok(
      folders.some((line) => line.endsWith(` ${wanted}`)),
      wanted,
    );
});

t.test('shell scripts stop at the first failure and are programs', async (t) => {
  const inside = await readdir(join(checkout, 'image'), { recursive: true, withFileTypes: true });
  let scripts = 0;
  for (const file of inside) {
    if (!file.isFile()) continue;
    const path = join(file.parentPath, file.name);
    const text = await readFile(path, 'utf8');
    if (!text.startsWith('#!/bin/sh')) continue;
    scripts++;
    t.match(text, /^set -eu$/m, path);
  }
  t.ok(scripts > 20);
});

t.test('the test of the image tells U-Boot what the firmware would do', async (t) => {
  t.equal(
    bootArguments(
      'console=serial0,115200 console=tty1 root=PARTUUID=1234abcd-02 rootwait quiet loglevel=3\n',
    ),
    'console=ttyS1,115200 root=PARTUUID=1234abcd-02 rootwait systemd.debug_shell=ttyS1 systemd.mask=serial-getty@ttyS1.service module_blacklist=bcm2835_wdt',
  );
  const commands = bootCommands('root=/dev/mmcblk0p2', 'bcm2837-rpi-3-b.dtb');
  t.match(commands.at(-1), /^booti /);
  t.equal(commands.filter((command) => command.startsWith('fatload mmc 0:2 ')).length, 3);
});
