import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import t from 'tap';
import { SerialPort } from '#console/serial/serial-port.ts';
import { UsbCable } from '#console/serial/usb-cable.ts';
import { systemClock as clock } from '#core/runtime/system-clock.ts';
import { Pty } from '../support/pty.ts';
import { Heard } from '../support/serial-lines.ts';
import { shortFolder } from '../support/short-folder.ts';

t.setTimeout(55_000);
const logger = pino({ level: 'silent' });

t.test('a hung-up port costs nothing while it is away', async (t) => {
  const pty = await Pty.open(await shortFolder(t));
  t.teardown(() => pty.close());
  const line = new SerialPort({ path: pty.path, cable: null, clock, logger });
  t.teardown(() => line.close());
  const heard = new Heard();
  await line.start(heard);
  await heard.until(({ told }) => told.length === 1);
  await pty.unplug();
  await heard.until(({ told }) => told.length === 2);
  const before = process.cpuUsage();
  // What a period costs can only be seen once it has passed.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { user, system } = process.cpuUsage(before);
  t.ok((user + system) / 1_000 < 250, `${(user + system) / 1_000} ms of processor in 500 ms`);
});

t.test('a port that is not there yet is opened when it comes', async (t) => {
  const folder = await shortFolder(t);
  const line = new SerialPort({ path: join(folder, 'tty'), cable: null, clock, logger });
  t.teardown(() => line.close());
  const heard = new Heard();
  await line.start(heard);
  t.same(heard.told, []);
  const pty = await Pty.open(folder);
  t.teardown(() => pty.close());
  await heard.until(({ told }) => told.length === 1);
});

t.test('the device controller says when a host comes and goes', async (t) => {
  const folder = await shortFolder(t);
  const controller = join(folder, 'udc', 'dummy_udc.0');
  await mkdir(controller, { recursive: true });
  const say = (state: string): Promise<void> => writeFile(join(controller, 'state'), `${state}\n`);
  await say('not attached');
  const pty = await Pty.open(folder);
  t.teardown(() => pty.close());
  const cable = new UsbCable({ directory: join(folder, 'udc'), clock });
  const line = new SerialPort({ path: pty.path, cable, clock, logger });
  t.teardown(() => line.close());
  const heard = new Heard();
  await line.start(heard);
  await say('configured');
  await heard.until(({ told }) => told.length === 1);
  await say('suspended');
  await say('not attached');
  await heard.until(({ told }) => told.length === 2);
  pty.write('x');
  await heard.until(({ bytes }) => bytes.length === 1);
  t.same(
    heard.told,
    ['attached', 'detached', 'attached'],
    'who speaks is there, whatever the controller says',
  );
});
