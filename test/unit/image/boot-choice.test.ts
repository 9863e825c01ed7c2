import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { checkout, readText } from '#test/support/source-files.ts';
import { bootPartition, firmwareSettings, kernelArguments } from '../../support/vm/firmware.ts';

const run = promisify(execFile);
const program = join(checkout, 'image/files/usr/lib/onair-image/boot-choice');
const shipped = await readText('firmware/boot/autoboot.txt');

/** A card on which a system runs; `systemctl` only writes down what it is asked for. */
async function card(t: Test, slot: 'A' | 'B', { autoboot = shipped, tryboot = false } = {}) {
  const folder = t.testdir({
    'autoboot.txt': autoboot,
    cmdline: `console=tty1 root=PARTUUID=1234abcd-05 rauc.slot=${slot} quiet\n`,
    slots: { 'boot.0': 'x'.repeat(8192), 'boot.1': 'x'.repeat(8192) },
    asked: '',
    bin: {},
    ...(tryboot ? { tryboot: '' } : {}),
  });
  const asked = join(folder, 'asked');
  const systemctl = join(folder, 'bin/systemctl');
  await run('sh', [
    '-c',
    `printf '#!/bin/sh\\necho "$@" >>"%s"\\n' "$1" >"$2"; chmod 755 "$2"`,
    'sh',
    asked,
    systemctl,
  ]);
  const env = {
    ...process.env,
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    ONAIR_AUTOBOOT: join(folder, 'autoboot.txt'),
    ONAIR_CMDLINE: join(folder, 'cmdline'),
    ONAIR_SLOTS: join(folder, 'slots'),
    ONAIR_TRYBOOT: join(folder, 'tryboot'),
  };
  return {
    folder,
    say: async (...args: string[]) => (await run(program, args, { env })).stdout.trim(),
    autoboot: () => readFile(join(folder, 'autoboot.txt'), 'utf8'),
    asked: async () => (await readFile(asked, 'utf8')).trim(),
  };
}

const starts = (text: string, tryboot = false): number => bootPartition(text, { tryboot });

t.test('the firmware: A as shipped, B with its flag', async (t) => {
  t.equal(starts(shipped), 2);
  t.equal(starts(shipped, true), 3);
  t.throws(() => starts('[all]\nboot_partition=2\n', true), /tryboot_a_b/);
  t.throws(() => starts('[all]\n'), /starts no partition/);
  const config = '# a=1\na=2\n[pi4]\na=3\n[tryboot]\nb=4\n[all]\nc=gpio=17=ip\n';
  t.strictSame(
    [...firmwareSettings(config, { tryboot: false })],
    [
      ['a', '2'],
      ['c', 'gpio=17=ip'],
    ],
  );
  t.equal(firmwareSettings(config, { tryboot: true }).get('b'), '4');
  t.equal(kernelArguments('console=tty1 root=x quiet\n'), 'root=x quiet');
});

t.test('committing exchanges the two, in place', async (t) => {
  const box = await card(t, 'B');
  t.equal(await box.say('get-primary'), 'A');
  t.equal(await box.say('get-current'), 'B');
  await box.say('trying');
  await box.say('set-state', 'B', 'good');
  const text = await box.autoboot();
  t.equal(text.length, shipped.length, 'of the same length');
  t.equal(starts(text), 3);
  t.equal(starts(text, true), 2);
  t.equal(await box.say('get-primary'), 'B');
  await t.rejects(box.say('trying'), 'no more');
  await box.say('set-primary', 'B');
  t.equal(await box.autoboot(), text, 'once more is the same');
});

t.test('a kernel that can set the flag: autoboot.txt stays as it is', async (t) => {
  const box = await card(t, 'A', { tryboot: true });
  await box.say('try');
  t.equal(await box.asked(), 'reboot --reboot-argument=0 tryboot');
  t.equal(await box.autoboot(), shipped);
});

t.test('one that can not: the other for one start, and its initrd takes that back', async (t) => {
  const box = await card(t, 'A');
  await box.say('try');
  t.equal(await box.asked(), 'reboot');
  const once = await box.autoboot();
  t.equal(once.length, shipped.length);
  t.equal(starts(once), 3);
  t.equal(await box.say('get-primary'), 'A', 'the usual one is still A');
  const next = await card(t, 'B', { autoboot: once });
  await next.say('restore');
  t.equal(await next.autoboot(), shipped);
  await next.say('restore');
  t.equal(await next.autoboot(), shipped, 'an ordinary start changes nothing');
});

t.test('a system that is tried does not try another', async (t) => {
  const box = await card(t, 'B');
  await t.rejects(box.say('try'), /is being tried itself/);
  t.equal(await box.asked(), '');
});

t.test('what is about to be written can not be started; what runs is not given up', async (t) => {
  const box = await card(t, 'A');
  await box.say('set-state', 'B', 'bad');
  const other = await readFile(join(box.folder, 'slots/boot.1'));
  t.equal(
    other.subarray(0, 4096).every((byte) => byte === 0),
    true,
    'no file system is left',
  );
  t.equal(other.length, 8192);
  await t.rejects(box.say('set-state', 'A', 'bad'), /not given up/);
  t.equal((await readFile(join(box.folder, 'slots/boot.0'), 'utf8'))[0], 'x');
  t.equal(await box.say('get-state', 'A'), 'good');
  t.equal(await box.say('get-state', 'B'), 'bad');
  await t.rejects(box.say('set-primary', 'B'), /there is no system B/);
  t.equal(await box.autoboot(), shipped);
});

t.test('nothing is guessed', async (t) => {
  const broken = await card(t, 'A', { autoboot: 'boot_partition=9\n' });
  await t.rejects(broken.say('get-primary'), /names no system/);
  await t.rejects(broken.say('try'));
  t.equal(await broken.autoboot(), 'boot_partition=9\n');
});
