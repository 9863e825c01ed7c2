import type { Test } from 'tap';
import { Vm, type VmOptions } from './vm.ts';

/** What the standard box of these tests is told on its card: small and slow pictures, since all is emulated. */
export const standardBox = {
  name: 'Village hall',
  hostname: 'village-hall',
  country: 'NZ',
  wifi: { ssid: 'Village', passphrase: 'not to be kept here' },
  video: { width: 320, height: 180, framesPerSecond: 5, bitrateKbps: 200 },
  title: 'Evensong',
} as const;

/** A line of it that is wrong, and must be reported instead of stopping anything. */
export const wrongLine = 'video.bitrate = 12';

export const standardToml = `name = "${standardBox.name}"
hostname = "${standardBox.hostname}"
country = "${standardBox.country}"

[wifi]
ssid = "${standardBox.wifi.ssid}"
passphrase = "${standardBox.wifi.passphrase}"

[settings]
broadcast.title = "${standardBox.title}"
video.source = "auto"
video.width = ${standardBox.video.width}
video.height = ${standardBox.video.height}
video.framesPerSecond = ${standardBox.video.framesPerSecond}
video.bitrateKbps = ${standardBox.video.bitrateKbps}
hls.partMs = 1000
hls.segmentMs = 2000
`;

/** Kernel arguments of a start in which these units are not there. */
export const startWithout = (units: readonly string[]): string =>
  units.map((unit) => `systemd.mask=${unit}`).join(' ');

/** The units of Onair's daemons but control's. */
export const besidesControl = ['media', 'egress', 'panel', 'console', 'outputs', 'usb-gadget'].map(
  (name) => `onair-${name}.service`,
);

/**
 * Ends once the processors have been idle for half of two seconds: what a box makes ready in the background after its start
 * takes long on emulated ones. It gives up after a minute.
 */
const atRest = `
  ticks() { awk '/^cpu / { print $5, $2 + $3 + $4 + $5 + $6 + $7 + $8 }' /proc/stat; }
  for _ in $(seq 30); do
    before=$(ticks); sleep 2; after=$(ticks)
    if echo "$before $after" | awk '{ exit !(($3 - $1) * 2 > $4 - $2) }'; then break; fi
  done`;

/** How long a boot may take on a busy machine. */
export const bootWithinMs = 900_000;

/** A standard box that has started: every daemon is there. `signal` switches it off meanwhile. */
export async function bootStandardBox(options: VmOptions & { signal?: AbortSignal } = {}): Promise<Vm> {
  const { signal, ...rest } = options;
  const vm = await Vm.create({ onairToml: standardToml, ...rest });
  try {
    signal?.throwIfAborted();
    signal?.addEventListener('abort', () => void vm.cutPower(), { once: true });
    await vm.powerOn();
    await vm.started(bootWithinMs);
    await vm.shell.run(atRest, { withinMs: 120_000 });
    return vm;
  } catch (error) {
    const console = await vm.consoleTail();
    await vm.remove();
    throw new Error(`the box did not start: ${(error as Error).message}\n${console}`);
  }
}

/**
 * The box that serves many test files (ONAIR_VM, see boot.ts), or one of this test's own. What it said is shown where
 * the test fails.
 */
export async function runningBox(t: Test): Promise<Vm> {
  const folder = process.env.ONAIR_VM;
  const vm = folder ? await Vm.attach(folder) : await bootStandardBox();
  t.teardown(async () => {
    if (!t.passing()) await showTroubles(vm);
    if (!folder) await vm.remove();
  });
  return vm;
}

/** Console and journal, on standard error. */
export async function showTroubles(vm: Vm): Promise<void> {
  const journal = await vm.shell
    .run('journalctl --no-pager -o short-monotonic -n 150 -u "onair*"')
    .catch((error: Error) => error.message);
  console.error(`serial console:\n${await vm.consoleTail()}\njournal:\n${journal}`);
}
