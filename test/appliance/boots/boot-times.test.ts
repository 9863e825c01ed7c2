import t, { type Test } from 'tap';
import { type BootTimes, bootTimes, pageServedAtMs } from '../../support/vm/boot-times.ts';
import { bootWithinMs, showTroubles, standardToml } from '../../support/vm/standard-box.ts';
import { Vm } from '../../support/vm/vm.ts';

/** The page is served no later than this after a bare system of the same kind has started. */
const laterThanBareS = 10;

/**
 * The same root file system, kernel and machine, with no daemon of Onair's started. What reads onair.toml stays: it is
 * what lets the test in.
 */
const withoutOnair = [
  ...['control', 'media', 'egress', 'panel', 'console', 'usb-gadget'].map((name) => `onair-${name}.service`),
  'onair-control.socket',
]
  .map((unit) => `systemd.mask=${unit}`)
  .join(' ');

async function measure(t: Test, { bare }: { bare: boolean }): Promise<BootTimes> {
  const vm = await Vm.create({ onairToml: standardToml, kernelArguments: bare ? withoutOnair : '' });
  try {
    // The second start: the first one makes keys and the like, once in a box's life.
    await vm.powerOn();
    await vm.started(bootWithinMs);
    await vm.powerOff();
    await vm.powerOn();
    const servedAtMs = bare ? null : await pageServedAtMs(vm, bootWithinMs);
    await vm.started(bootWithinMs);
    return await bootTimes(vm, servedAtMs);
  } finally {
    if (!t.passing()) await showTroubles(vm);
    await vm.remove();
  }
}

t.test('from the kernel to the button and to the page, beside a bare system', async (t) => {
  const bare = await measure(t, { bare: true });
  const onair = await measure(t, { bare: false });
  const seconds = (value: number | null): string => `${value?.toFixed(1)} s`;
  t.comment(`figure: bare system: ${seconds(bare.multiUser)}`);
  t.comment(`figure: button ready: ${seconds(onair.button)}, page served: ${seconds(onair.page)}`);
  t.equal(bare.button, null, 'nothing of Onair ran in the bare one');
  t.ok((onair.button ?? Number.POSITIVE_INFINITY) > 0, 'the button works');
  t.ok(
    (onair.page ?? Number.POSITIVE_INFINITY) <= bare.multiUser + laterThanBareS,
    `page ${seconds(onair.page)}, bare ${seconds(bare.multiUser)}`,
  );
});
