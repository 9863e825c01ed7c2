import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { openOutputStore } from '#control/outputs/output-store.ts';
import { CardSettings } from '#control/settings/card-settings.ts';
import { SettingsStore } from '#control/settings/settings-store.ts';
import { pathsFrom } from '#core/runtime/paths.ts';
import { checkout } from '../support/command.ts';
import { DrivenClock } from '../support/driven-clock.ts';
import { keepingLogger } from '../support/link-pair.ts';

t.setTimeout(240_000);
const run = promisify(execFile);

/** A box's disk: the card's boot partition, what lasts, and what does not. */
async function box(t: Test) {
  const root = t.testdir({ boot: {}, data: {}, run: {}, connections: {}, ssh: {}, state: {} });
  const file = join(root, 'boot', 'onair.toml');
  const environment = {
    ...process.env,
    NODE_OPTIONS: '',
    ONAIR_BOOT_FILE: file,
    ONAIR_DATA: join(root, 'data'),
    ONAIR_CONNECTIONS: join(root, 'connections'),
    ONAIR_AUTHORIZED_KEYS: join(root, 'ssh', 'authorized_keys'),
    ONAIR_SCREEN: join(root, 'screen'),
    RUNTIME_DIRECTORY: join(root, 'run'),
  };
  const { logger } = keepingLogger();
  return {
    root,
    file,
    write: (text: string) => writeFile(file, text),
    text: () => readFile(file, 'utf8'),
    /** What the unit at boot prints. */
    boot: async () => {
      const program = join(checkout, 'dist', 'boot-settings.js');
      return (await run(process.execPath, [program], { env: environment })).stdout;
    },
    left: async () => JSON.parse(await readFile(join(root, 'run', 'settings.json'), 'utf8')),
    /** Control starts. */
    control: async () => {
      const paths = {
        ...pathsFrom({}),
        dataDirectory: join(root, 'data'),
        runtimeDirectory: join(root, 'state'),
      };
      const path = join(root, 'data', 'settings.json');
      const settingsStore = new SettingsStore({ path, logger, clock: new DrivenClock() });
      await settingsStore.start();
      const outputStore = await openOutputStore({ paths, logger });
      const card = new CardSettings({
        path: join(root, 'run', 'settings.json'),
        paths,
        settingsStore,
        addOutputs: (found) => outputStore.addNamed(found),
        logger,
      });
      await card.apply();
      return { settingsStore, outputStore, card };
    },
  };
}

const whole = `name = "Town hall" # ours
[wifi]
ssid = "our network"
passphrase = "its passphrase"
[settings.viewing]
access = "pin"
pin = "1234"
`;

t.test('applied once, its secrets blanked, and what the studio says later holds', async (t) => {
  const { root, write, text, boot, control, left } = await box(t);
  await write(whole);
  t.equal(await boot(), '');
  t.equal(await text(), whole.replace('"its passphrase"', '""              ').replace('"1234"', '""    '));
  const connection = join(root, 'connections', 'onair.toml.nmconnection');
  t.match(await readFile(connection, 'utf8'), 'psk=its passphrase');
  const wpa3 = join(root, 'connections', 'onair.toml-wpa3.nmconnection');
  t.match(await readFile(wpa3, 'utf8'), 'psk=its passphrase');
  for (const path of [connection, wpa3]) t.equal((await stat(path)).mode & 0o777, 0o600);
  t.equal((await stat(join(root, 'run', 'settings.json'))).mode & 0o777, 0o640);
  t.notMatch(JSON.stringify(await left()), 'its passphrase');
  const first = await control();
  t.match(first.settingsStore.current, {
    device: { name: 'Town hall' },
    viewing: { access: 'pin', pin: '1234' },
  });
  await first.settingsStore.patch({ device: { name: 'Kitchen' } });
  t.match((await control()).settingsStore.current.device.name, 'Kitchen', 'control starts again');
  await boot();
  t.equal((await left()).patch, null);
  t.match((await control()).settingsStore.current, { device: { name: 'Kitchen' }, viewing: { pin: '1234' } });
  t.match(
    await readFile(connection, 'utf8'),
    'psk=its passphrase',
    'a blank passphrase leaves what is known',
  );
  await write((await text()).replace('Town hall', 'Church'));
  await boot();
  t.match((await control()).settingsStore.current, { device: { name: 'Church' }, viewing: { pin: '1234' } });
  t.notOk((await readdir(join(root, 'data'))).includes('boot-settings-pending.json'));
});

t.test('destinations: added or changed by name, their keys blanked', async (t) => {
  const { write, text, boot, control } = await box(t);
  await write(`[[output]]
name = "Platform"
url = "rtmps://a.example/live"
key = "KEY-0123456789"
[[output]]
name = "Other"
url = "rtmp://b.example/app/KEY-0123456789"
enabled = false
`);
  t.equal(await boot(), '');
  t.notMatch(await text(), 'KEY-0123456789');
  t.match((await control()).outputStore.outputs, [
    { name: 'Platform', kind: 'rtmp', url: 'rtmps://a.example/live', key: 'KEY-0123456789', enabled: true },
    { name: 'Other', url: 'rtmp://b.example/app', key: 'KEY-0123456789', enabled: false },
  ]);
  await write((await text()).replace('a.example', 'c.example'));
  await boot();
  t.match((await control()).outputStore.outputs, [
    { name: 'Platform', url: 'rtmps://c.example/live', key: 'KEY-0123456789' },
    { name: 'Other', key: 'KEY-0123456789' },
  ]);
  await write('[[output]]\nname = "Wrong"\nurl = "ftp://a.example"\nsecret = 1\n');
  t.match(
    await boot(),
    /line 3: output\.0\.url is not the address[\s\S]*line 4: output\.0\.secret is not known/,
  );
});

t.test('power that fails between blanking and control costs no secret', async (t) => {
  const { write, boot, control } = await box(t);
  await write(whole);
  await boot();
  await boot();
  t.match((await control()).settingsStore.current.viewing, { access: 'pin', pin: '1234' });
});

t.test('mistakes are said on the screen, in the journal, and to control; the rest is applied', async (t) => {
  const { root, write, boot, control } = await box(t);
  await writeFile(join(root, 'screen'), '');
  await write('name = "Town hall"\nhostname = "town hall"\n');
  const printed = await boot();
  t.match(printed, /^onair\.toml, line 2: hostname must be .*\n$/);
  t.match(await readFile(join(root, 'screen'), 'utf8'), 'onair.toml, line 2');
  const { card, settingsStore } = await control();
  t.match(card.problems, [{ code: 'onair-toml', message: /line 2/, action: /\S/ }]);
  t.equal(settingsStore.current.device.name, 'Town hall');
});

t.test('what control refuses as a whole is a mistake too', async (t) => {
  const { write, boot, control } = await box(t);
  await write('[settings.viewing]\naccess = "pin"\n');
  await boot();
  const { card, settingsStore } = await control();
  t.match(card.problems, [{ message: /PIN/ }]);
  t.equal(settingsStore.current.viewing.access, 'open');
});

t.test('no file, a file of another kind, a Windows editor’s file', async (t) => {
  const { file, write, boot, control, left } = await box(t);
  t.equal(await boot(), '');
  t.same((await control()).card.problems, []);
  await writeFile(
    file,
    Buffer.from('\ufeffname = "Town hall"\r\n[wifi]\r\nssid = "x"\r\npassphrase = "its passphrase"\r\n'),
  );
  t.equal(await boot(), '');
  t.match((await left()).patch, { device: { name: 'Town hall' } });
  t.match(await readFile(file, 'utf8'), /^\ufeffname.*passphrase = "" +\r\n$/s);
  await writeFile(file, Buffer.from('name = "Town hall"', 'utf16le'));
  t.match(await boot(), /Nothing of the file was used|plain text/);
  await writeFile(file, Buffer.from([0x6e, 0xff, 0xfe]));
  t.match(await boot(), /not plain text/);
  await write('#'.repeat(70_000));
  t.match(await boot(), /larger than 64 kB/);
});

t.test('a card that takes nothing keeps the secrets in the file, and says so', async (t) => {
  const { root, write, text, boot, left } = await box(t);
  await write(whole);
  // A file where a folder should be stops even root.
  await chmod(join(root, 'data'), 0o700);
  await mkdir(join(root, 'data', 'boot-settings-pending.json.new'));
  t.match(await boot(), /the settings could not be written/);
  t.equal(await text(), whole);
  t.match((await left()).patch, { device: { name: 'Town hall' } }, 'for this start it holds all the same');
});
