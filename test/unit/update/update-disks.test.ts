import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DrivenClock } from '#test/support/driven-clock.ts';
import { type DiskOffer, UpdateDisks } from '#update/update-disks.ts';

function scene(t: Test, files: Record<string, Record<string, string>>) {
  const root = t.testdir(files);
  const offers: (DiskOffer | null)[] = [];
  let plugged = Object.keys(files);
  const disks = new UpdateDisks({
    version: '1.0.0',
    disks: async () => plugged.map((name) => join(root, name)),
    onOffer: (offer) => offers.push(offer),
    clock: new DrivenClock(),
  });
  const pull = (): void => {
    plugged = [];
  };
  return { disks, offers, root, pull };
}

t.test('the newest of all disks is offered, and no more once it is pulled', async (t) => {
  const { disks, offers, root, pull } = scene(t, {
    sda1: { 'onair-1.1.0-arm64.raucb': '', 'onair-0.9.0-arm64.raucb': '', 'holiday.jpg': '' },
    sdb1: { 'onair-1.2.0-arm64-raspios.raucb': '', 'onair-1.3.0.raucb': '', '.onair-2.0.0-arm64.raucb': '' },
  });
  await disks.look();
  await disks.look();
  t.same(
    offers,
    [{ version: '1.2.0', path: join(root, 'sdb1/onair-1.2.0-arm64-raspios.raucb') }],
    'said once',
  );
  pull();
  await disks.look();
  t.equal(offers.at(-1), null);
});

t.test(
  'the version that runs, and an older one, are none; one before a release comes before it',
  async (t) => {
    const { disks, offers, root } = scene(t, {
      sda1: { 'onair-1.0.0-arm64.raucb': '', 'onair-1.0.0-rc1-arm64.raucb': '' },
    });
    await disks.look();
    t.same(offers, []);
    await writeFile(join(root, 'sda1/onair-1.1.0-rc1-arm64.raucb'), '');
    await disks.look();
    t.match(offers.at(-1), { version: '1.1.0-rc1' });
    await rm(join(root, 'sda1'), { recursive: true });
    await disks.look();
    t.equal(offers.at(-1), null, 'a disk that can not be read has none');
    await mkdir(join(root, 'sda1'));
  },
);
