import t, { type Test } from 'tap';
import { SettingsWriter } from '../../support/vm/settings-writer.ts';
import {
  besidesControl,
  bootWithinMs,
  showTroubles,
  standardToml,
  startWithout,
} from '../../support/vm/standard-box.ts';
import { Vm } from '../../support/vm/vm.ts';

const cuts = Number(process.env.CUTS ?? 10);
/** Between the cuts only who keeps the settings has to be there; the last start is a whole one. */
const settingsOnly = startWithout([
  ...besidesControl,
  'onair-wifi-country.service',
  'wpa_supplicant.service',
  'avahi-daemon.socket',
  'avahi-daemon.service',
  'systemd-timesyncd.service',
]);
const skip = process.env.FAST === '1' ? 'left out by FAST=1' : false;

t.test(`the plug is pulled ${cuts} times while settings are written`, { skip }, async (t) => {
  const vm = await Vm.create({ onairToml: standardToml });
  t.teardown(async () => {
    if (!t.passing()) await showTroubles(vm);
    await vm.remove();
  });
  const writer = new SettingsWriter(vm);
  let acknowledged = 0;
  for (let cut = 1; cut <= cuts; cut += 1) {
    await vm.powerOn(settingsOnly);
    await vm.started(bootWithinMs);
    await noFailedUnits(t, vm, `after ${cut - 1} cuts`);
    // Each time at another moment of a write.
    const written = await writer.writeUntil(5 + ((cut * 7) % 11), (cut * 13) % 17);
    await vm.cutPower();
    t.ok(written.kept, `after ${cut - 1} cuts the box had ${written.found}`);
    acknowledged += written.acknowledged;
  }
  await vm.powerOn();
  await vm.started(bootWithinMs);
  await noFailedUnits(t, vm, `after ${cuts} cuts`);
  const stored = await writer.stored();
  t.ok(
    writer.isKept(stored),
    `after ${cuts} cuts the box has ${stored}, the last acknowledged is ${writer.lastAcknowledged}`,
  );
  t.comment(`figure: ${cuts} power cuts survived, ${acknowledged} acknowledged values kept`);
});

async function noFailedUnits(t: Test, vm: Vm, when: string): Promise<void> {
  t.equal(await vm.shell.run('systemctl --failed --no-legend --plain'), '', `no failed units ${when}`);
}
