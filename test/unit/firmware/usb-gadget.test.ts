import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { checkout } from '#test/support/command.ts';
import { shortFolder } from '#test/support/short-folder.ts';

const script = join(checkout, 'firmware/usb-gadget/usb-gadget');

/** configfs lets go of a folder only when nothing made by hand is left in it, and its own files go with it. */
const fakeRmdir = `#!/bin/sh
for folder in "$1"/strings/* "$1"/configs/* "$1"/functions/*; do
  case $(basename "$folder") in '*') ;; *) echo "rmdir: $1 is not empty" >&2; exit 1 ;; esac
done
for link in "$1"/* "$1"/os_desc/*; do
  if [ -L "$link" ]; then echo "rmdir: $link is left" >&2; exit 1; fi
done
exec rm -r "$1"
`;

/** A machine with a configfs of plain folders. */
async function machine(t: Test, options: { controllers?: string[]; serial?: string } = {}) {
  const folder = await shortFolder(t);
  const [configfs, sysfs, programs] = ['config', 'sys', 'bin'].map((name) => join(folder, name));
  const gadget = join(configfs ?? '', 'usb_gadget/onair');
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  };
  await mkdir(dirname(gadget), { recursive: true });
  for (const name of options.controllers ?? ['dummy_udc.0'])
    await write(join(sysfs ?? '', 'class/udc', name, 'state'), 'not attached\n');
  if (options.serial)
    await write(join(sysfs ?? '', 'firmware/devicetree/base/serial-number'), options.serial);
  // What the kernel makes with the gadget.
  await write(join(gadget, 'UDC'), '');
  await write(join(gadget, 'functions/ncm.usb0/os_desc/interface.ncm/compatible_id'), '');
  await mkdir(join(gadget, 'os_desc'), { recursive: true });
  await write(join(programs ?? '', 'rmdir'), fakeRmdir);
  await chmod(join(programs ?? '', 'rmdir'), 0o755);
  const run = (...args: string[]) =>
    new Promise<{ exitCode: number; stderr: string }>((resolve) => {
      execFile(
        script,
        args,
        {
          env: {
            PATH: `${programs}:${process.env.PATH}`,
            ONAIR_CONFIGFS: configfs,
            ONAIR_SYSFS: sysfs,
            ONAIR_USB_WAIT_S: '1',
          },
        },
        (error, _, stderr) => resolve({ exitCode: error ? Number(error.code) : 0, stderr }),
      );
    });
  const read = async (path: string): Promise<string> => (await readFile(join(gadget, path), 'utf8')).trim();
  return { run, read, gadget };
}

t.test('a serial port and a network interface, named, with numbers that stay', async (t) => {
  const box = await machine(t, { serial: '10000000abcdef12\0' });
  t.same(await box.run('start'), { exitCode: 0, stderr: '' });
  t.equal(await box.read('UDC'), 'dummy_udc.0', 'plugged in');
  t.same((await readdir(join(box.gadget, 'configs/c.1'))).sort(), [
    'MaxPower',
    'acm.usb0',
    'ncm.usb0',
    'strings',
  ]);
  t.equal(await box.read('strings/0x409/manufacturer'), 'Onair');
  const [serial, host, own] = await Promise.all(
    ['strings/0x409/serialnumber', 'functions/ncm.usb0/host_addr', 'functions/ncm.usb0/dev_addr'].map(
      box.read,
    ),
  );
  t.match(serial, /^[0-9a-f]{16}$/);
  t.notMatch(serial, 'abcdef12', 'the board’s number itself is nobody’s business');
  t.match(host, /^02(:[0-9a-f]{2}){5}$/);
  t.match(own, /^02(:[0-9a-f]{2}){5}$/);
  t.not(host, own);
  t.equal(await box.read('functions/ncm.usb0/os_desc/interface.ncm/compatible_id'), 'WINNCM');
  t.same(await box.run('start'), { exitCode: 0, stderr: '' }, 'again changes nothing');
  t.equal(await box.read('strings/0x409/serialnumber'), serial);
  const other = await machine(t, { serial: '10000000abcdef13\0' });
  await other.run('start');
  t.not(await other.read('strings/0x409/serialnumber'), serial, 'another board has another');
});

t.test('the cable can be pulled and put in; stop takes all down', async (t) => {
  const box = await machine(t, { serial: '1' });
  await box.run('start');
  t.equal((await box.run('unplug')).exitCode, 0);
  t.equal(await box.read('UDC'), '');
  t.equal((await box.run('unplug')).exitCode, 0, 'twice');
  t.equal((await box.run('plug')).exitCode, 0);
  t.equal(await box.read('UDC'), 'dummy_udc.0');
  t.same(await box.run('stop'), { exitCode: 0, stderr: '' });
  t.same(await readdir(dirname(box.gadget)), []);
  t.same(await box.run('stop'), { exitCode: 0, stderr: '' }, 'twice');
});

t.test('a board whose port can be no device goes on without, and says so', async (t) => {
  const none = await machine(t, { controllers: [] });
  await mkdir(join(none.gadget, 'strings'), { recursive: true });
  const started = none.run('start');
  t.match(await started, { exitCode: 0, stderr: /no USB port that can be a device/ });
  t.match(await none.run('dance'), { exitCode: 2, stderr: /usage: usb-gadget start/ });
});
