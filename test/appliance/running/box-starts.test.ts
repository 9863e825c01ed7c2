import t from 'tap';
import { callLink, linkStatus } from '../../support/vm/guest-box.ts';
import { runningBox } from '../../support/vm/standard-box.ts';

const vm = await runningBox(t);
const { shell } = vm;

t.test('everything has started, and nothing failed', async (t) => {
  t.equal(await shell.run('systemctl --failed --no-legend --plain'), '', 'no failed units');
  t.equal(await shell.run('systemctl is-system-running'), 'running');
  t.match(await shell.run('systemctl list-jobs --no-legend'), /^(No jobs running\.)?$/, 'nothing hangs');
  const { daemons } = await linkStatus(shell);
  for (const name of ['media', 'egress', 'panel']) t.equal(daemons[name]?.up, true, `${name} is there`);
  t.equal(
    await shell.run('systemctl show -p NRestarts --value "onair-*.service" | grep . | sort -u'),
    '0',
    'at once',
  );
});

t.test('the page is served to the network', async (t) => {
  const page = await fetch(`${vm.origin}/`, { signal: AbortSignal.timeout(vm.shell.within(60_000)) });
  t.equal(page.status, 200);
  t.match(page.headers.get('content-type'), /^text\/html/);
  t.match(await page.text(), /<title>/);
  const health = await fetch(`${vm.origin}/api/v1/health`, {
    signal: AbortSignal.timeout(vm.shell.within(60_000)),
  });
  t.equal(health.status, 200, 'all daemons are connected');
});

t.test('the doctor finds nothing wrong', async (t) => {
  const { exitCode, stdout, stderr } = await shell.try('onair doctor', { withinMs: 120_000 });
  t.equal(exitCode, 0, stdout + stderr);
});

t.test('the root file system is the shipped one, read-only, with a memory of its own above it', async (t) => {
  t.match(await shell.run('findmnt -n -o FSTYPE /'), /^overlay$/);
  t.match(await shell.run('findmnt -n -o FSTYPE,OPTIONS -S /dev/vda5'), /^squashfs\s+ro/);
  t.match(await shell.run('findmnt -n -o FSTYPE,OPTIONS -T /var/lib/onair'), /^ext4\s+rw/);
});

t.test('the data partition has grown to the end of the card', async (t) => {
  const [disk, start, size] = (await shell.run('cd /sys/class/block && cat vda/size vda7/start vda7/size'))
    .split('\n')
    .map(Number) as [number, number, number];
  t.ok(disk - start - size < 32_768, `${disk - start - size} sectors are left`);
  const blocks = await shell.run('findmnt -bn -o SIZE /var/lib/onair-data');
  t.ok(Number(blocks) > size * 512 * 0.9, `a file system of ${blocks} bytes on ${size} sectors`);
});

t.test('RAUC sees two systems, and the first one runs', async (t) => {
  const status = JSON.parse(await shell.run('rauc status --output-format=json')) as {
    booted: string;
    boot_primary: string;
    slots: Record<string, { state: string; boot_status?: string }>[];
  };
  t.match(status, { booted: 'A', boot_primary: 'boot.0' });
  const states = Object.fromEntries(
    status.slots
      .flatMap(Object.entries)
      .map(([name, { state, boot_status }]) => [name, [state, boot_status ?? null]]),
  );
  t.strictSame(states, {
    'boot.0': ['booted', 'good'],
    'system.0': ['active', null],
    'boot.1': ['inactive', 'bad'],
    'system.1': ['inactive', null],
  });
  t.match(await callLink(shell, 'GET', '/api/v1/update'), { state: 'idle', slot: 'A', reason: null });
});

t.test('its keys are its own, and were made once', async (t) => {
  t.match(await shell.run('cat /etc/machine-id'), /^[0-9a-f]{32}$/);
  t.match(await shell.run('ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub'), /ED25519/);
  t.equal(await shell.run('stat -c %a /etc/ssh/ssh_host_ed25519_key'), '600');
});

t.test('at rest the whole system fits a board with 512 MB', async (t) => {
  const used = Number(
    await shell.run(
      `awk '/^MemTotal/ { t = $2 } /^MemAvailable/ { a = $2 } END { print t - a }' /proc/meminfo`,
    ),
  );
  const total = Number(await shell.run(`awk '/^MemTotal/ { print $2 }' /proc/meminfo`));
  t.comment(`figure: memory in use: ${(used / 1024).toFixed(0)} MB of ${(total / 1024).toFixed(0)} MB`);
  t.ok(used < 400 * 1024, `${(used / 1024).toFixed(0)} MB in use`);
});
