import t from 'tap';
import { type BootTimes, bootTimes, pageServedAtMs } from '../../support/vm/boot-times.ts';
import {
  besidesControl,
  bootWithinMs,
  showTroubles,
  standardToml,
  startWithout,
} from '../../support/vm/standard-box.ts';
import { Vm } from '../../support/vm/vm.ts';

/** The page is served no later than this after a bare system of the same kind has started, on a machine at rest. */
const laterThanBareS = 10;

/**
 * The same root file system, kernel and machine, with no daemon of Onair's started. What reads onair.toml stays: it is
 * what lets the test in.
 */
const withoutOnair = startWithout([
  'onair-control.socket',
  'onair-control-https.socket',
  'onair-control.service',
  ...besidesControl,
]);

const seconds = (value: number | null): string => `${value?.toFixed(1)} s`;
const skip = process.env.FAST === '1' ? 'left out by FAST=1' : false;

t.test('from the kernel to the button and to the page, beside a bare system', { skip }, async (t) => {
  const vm = await Vm.create({ onairToml: standardToml });
  t.teardown(async () => {
    if (!t.passing()) await showTroubles(vm);
    await vm.remove();
  });
  async function start(kernelArguments: string): Promise<BootTimes> {
    await vm.powerOn(kernelArguments);
    const servedAtMs = kernelArguments === '' ? await pageServedAtMs(vm, bootWithinMs) : null;
    await vm.started(bootWithinMs);
    return await bootTimes(vm, servedAtMs);
  }

  // The first start makes keys and the like, once in a box's life.
  await start(withoutOnair);
  await vm.powerOff();
  const bare = await start(withoutOnair);
  await vm.powerOff();
  const onair = await start('');
  t.comment(`figure: bare system: ${seconds(bare.multiUser)}`);
  t.comment(`figure: with Onair: ${seconds(onair.multiUser)}, page served: ${seconds(onair.page)}`);
  t.comment(`figure: button ready: ${seconds(onair.button)}, USB line: ${seconds(onair.console)}`);
  t.equal(bare.button, null, 'nothing of Onair ran in the bare one');
  t.ok((onair.button ?? Number.POSITIVE_INFINITY) > 0, 'the button works');
  t.ok(
    (onair.page ?? Number.POSITIVE_INFINITY) <= bare.multiUser + laterThanBareS * vm.shell.slowness,
    `page ${seconds(onair.page)}, bare ${seconds(bare.multiUser)}`,
  );
});
