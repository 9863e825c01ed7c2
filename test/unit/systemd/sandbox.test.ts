import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { checkout, readText } from '#test/support/source-files.ts';

const run = promisify(execFile);
const folder = 'systemd/system';
const services = (await readdir(join(checkout, folder))).filter((name) => name.endsWith('.service')).sort();

/** What systemd itself makes of each unit, 0 to 10: the lower the better. It may fall, and must not rise. */
const most: Record<string, number> = {
  'onair-boot-settings.service': 1.5,
  'onair-clock.service': 1.4,
  'onair-console.service': 0.5,
  'onair-control.service': 1.1,
  'onair-disk@.service': 1.5,
  'onair-egress.service': 1.1,
  'onair-first-boot.service': 0.8,
  'onair-hostname.service': 1.2,
  'onair-media.service': 1.3,
  'onair-outputs.service': 1.2,
  'onair-panel.service': 0.5,
  'onair-reboot.service': 0.3,
  'onair-screen.service': 1.2,
  'onair-time-zone.service': 1.2,
  'onair-update.service': 1.2,
  'onair-usb-gadget.service': 1.4,
  'onair-wifi-country.service': 1.5,
};

async function exposureOf(unit: string): Promise<number> {
  const { stdout } = await run('systemd-analyze', [
    'security',
    '--offline=yes',
    '--no-pager',
    join(checkout, folder, unit),
  ]);
  return Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1] ?? Number.NaN);
}

t.test('each unit is in a sandbox, as tight as it was', async (t) => {
  t.strictSame(services, Object.keys(most), 'each is measured');
  for (const unit of services) {
    const exposure = await exposureOf(unit);
    t.ok(exposure <= (most[unit] ?? 0), `${unit}: ${exposure}, at most ${most[unit]}`);
    t.ok((most[unit] ?? 10) <= 1.5, `${unit}: the promise`);
  }
});

t.test('the table in the documentation is what systemd says', async (t) => {
  const page = await readText('docs/appliance.md');
  for (const unit of services) {
    const said = new RegExp(`^\\| \`${unit.replace('.service', '')}\` .*\\| ([\\d.]+) \\|$`, 'm').exec(
      page,
    )?.[1];
    t.equal(Number(said), await exposureOf(unit), unit);
  }
});

const daemons = ['control', 'media', 'egress', 'panel', 'console', 'outputs', 'update'];

t.test('daemons are known to be well, and come back', async (t) => {
  for (const name of daemons) {
    const unit = await readText(`${folder}/onair-${name}.service`);
    for (const line of [
      'Type=notify',
      'NotifyAccess=main',
      'WatchdogSec=\\d+s',
      'Restart=always',
      `User=onair-${name}`,
      'StartLimitIntervalSec=0',
      'TimeoutStopSec=3s',
      'WantedBy=onair.target',
    ]) {
      t.match(unit, new RegExp(`^${line}$`, 'm'), `onair-${name}: ${line}`);
    }
    t.match(await readText('systemd/sysusers.d/onair.conf'), new RegExp(`^u onair-${name} `, 'm'));
    t.match(await readText(`${folder}/onair.target`), new RegExp(`^Wants=.*onair-${name}\\.service`, 'm'));
  }
});

t.test('nothing waits for the network', async (t) => {
  for (const name of await readdir(join(checkout, folder))) {
    t.notMatch(await readText(`${folder}/${name}`), /^(Wants|Requires|After)=.*network.*\.target/m, name);
  }
});

t.test('systemd understands each line', async (t) => {
  for (const name of await readdir(join(checkout, folder))) {
    const path = join(checkout, folder, name);
    const said = await run('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', path]).then(
      ({ stderr }) => stderr,
      (error: { stderr: string }) => error.stderr,
    );
    const complaints = said
      .split('\n')
      .filter((line) => line.includes(name) && !/RestartSteps|RestartMaxDelaySec|not executable/.test(line));
    t.strictSame(complaints, [], name);
  }
});
