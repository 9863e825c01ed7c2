import t, { type Test } from 'tap';
import type { UpdateBody } from '#core/protocol/endpoints/update.ts';
import { bootWithinMs, showTroubles, standardToml } from '../../support/vm/standard-box.ts';
import { type UpdateName, UpdateServer } from '../../support/vm/update-server.ts';
import { Vm } from '../../support/vm/vm.ts';

/** How long each step may take on two cores at rest. */
const installWithinMs = 600_000;
const proveWithinMs = 1_000_000;
const skip = process.env.FAST === '1' ? 'left out by FAST=1' : false;
/** The boot partitions. */
const a = 2;
const b = 3;

t.test('an update and what may be wrong with one', async (t) => {
  const vm = await Vm.create({ onairToml: standardToml, bothSystems: true });
  const updates = await UpdateServer.start(vm);
  t.teardown(async () => {
    if (!t.passing()) await showTroubles(vm);
    await updates.close();
    await vm.remove();
  });
  await vm.powerOn();
  await vm.started(bootWithinMs);
  t.equal(vm.partition, a);
  t.match(await updates.state(), { state: 'idle', slot: 'A', reason: null });

  const choice = () => vm.shell.run('cat /boot/firmware/autoboot.txt');
  const isIdle = ({ state }: UpdateBody): boolean => state === 'idle';

  /** Installs it, and resolves when the box starts from it. */
  async function tried(name: UpdateName): Promise<void> {
    await updates.install(name);
    await vm.restarted(installWithinMs);
  }

  async function refused(t: Test, name: UpdateName, code: string): Promise<void> {
    const before = await choice();
    await updates.install(name);
    const { reason } = await updates.until((body) => isIdle(body) && body.reason !== null, installWithinMs);
    t.equal(reason?.code, code, `${reason?.message}`);
    t.equal(await choice(), before, 'nothing has changed');
  }

  /** The system before runs and says why; it is back after this many seconds. */
  async function takenBack(t: Test, from: number, code: string, message: RegExp): Promise<void> {
    const beganMs = Date.now();
    await vm.restarted(proveWithinMs);
    await vm.started(bootWithinMs);
    t.equal(vm.partition, from);
    const { reason } = await updates.until(({ state }) => state === 'rolled-back', proveWithinMs);
    t.equal(reason?.code, code);
    t.match(reason?.message, message);
    const tookS = ((Date.now() - beganMs) / 1000).toFixed(0);
    t.comment(
      `figure: taken back after ${tookS} s (slowness ${vm.shell.slowness.toFixed(1)}): ${reason?.message}`,
    );
  }

  await t.test('a good one, by a kernel that can not set the firmware’s flag', async (t) => {
    const name = skip ? 'good' : 'whole';
    const beganMs = Date.now();
    await tried(name);
    t.equal(vm.partition, b);
    const triedMs = Date.now();
    await vm.started(bootWithinMs);
    t.match(await vm.shell.run('cat /proc/cmdline'), /root=PARTUUID=\w+-06 rauc\.slot=B /);
    await updates.until(({ state }) => state === 'committed', proveWithinMs);
    t.match(await choice(), /^# usual\n\[all\]\ntryboot_a_b=1\nboot_partition=3\n/);
    const seconds = (fromMs: number, toMs = Date.now()): string => ((toMs - fromMs) / 1000).toFixed(0);
    const mb = ((await updates.bytes(name)) / 1e6).toFixed(0);
    t.comment(
      `figure: an update of ${mb} MB: restarted after ${seconds(beganMs, triedMs)} s, committed after ${seconds(beganMs)} s`,
    );
  });

  await t.test('one that is signed by a stranger', (t) => refused(t, 'stranger', 'update-signature'));
  await t.test('one that is torn', (t) => refused(t, 'torn', 'update-torn'));

  await t.test('no room for it', { skip }, async (t) => {
    await vm.shell.run(
      'fallocate -l $(($(df --output=avail -B1 /var/lib/onair-data | tail -n 1) - 70000000)) /var/lib/onair-data/filler',
    );
    await refused(t, 'whole', 'update-download');
    await vm.shell.run('rm /var/lib/onair-data/filler');
  });

  await t.test('a kernel that panics', async (t) => {
    await vm.giveTryboot();
    await tried('panics');
    t.equal(vm.partition, a);
    await takenBack(t, b, 'update-not-started', /0\.3\.0/);
  });

  await t.test('a service that crashes', async (t) => {
    await tried('crashes');
    t.equal(vm.partition, a);
    await takenBack(t, b, 'update-not-proven', /0\.3\.2 .*media/);
  });

  await t.test('an init that hangs', { skip }, async (t) => {
    await vm.giveTryboot();
    await tried('hangs');
    await takenBack(t, b, 'update-not-started', /0\.3\.1/);
  });

  await t.test('an encoder that gives no picture', { skip }, async (t) => {
    await tried('blind');
    await takenBack(t, b, 'update-not-proven', /0\.3\.3/);
  });
});
