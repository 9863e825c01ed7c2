/** What is built and booted: both are the appliance, amd64 is quicker to emulate on an amd64 machine. */
export type Architecture = 'arm64' | 'amd64';

export interface MachineOptions {
  architecture: Architecture;
  /** What the firmware has read from the card. */
  kernel: string;
  initrd: string;
  /** Where on arm64 `device-tree.dtb` is. */
  filesFolder: string;
  /** The raw disk of a card's layout. */
  disk: string;
  kernelArguments: string;
  memoryMb: number;
  /** Of the start before; all that the guest waits for follows it. */
  slowness: number;
  /** Where the serial console's output goes, and where one can type on it. */
  consoleLog: string;
  consoleSocket: string;
  monitorSocket: string;
}

const programs = { arm64: 'qemu-system-aarch64', amd64: 'qemu-system-x86_64' };
const consoles = { arm64: 'ttyAMA0', amd64: 'ttyS0' };
/** Processors without pointer authentication or nested virtualisation, which cost time to emulate. */
const processors = { arm64: 'cortex-a72', amd64: 'Nehalem' };
/**
 * Page tables of the kernel's own cost a processor next to nothing, but QEMU forgets all addresses that it has looked up at each
 * system call: with them a boot takes half as long again.
 */
const kernelArguments = { arm64: 'kpti=0', amd64: 'mitigations=off' };
const daemons = ['console', 'control', 'egress', 'media', 'outputs', 'panel', 'update'];
/** An emulated box at rest proves in this time that a new version works; one on a busy machine takes longer. */
const trialAtRestS = 200;
const dropIn = (unit: string, text: string): string =>
  `systemd.set_credential_binary=systemd.unit-dropin.${unit}.service:${Buffer.from(text).toString('base64')}`;
/**
 * A guest that is held up by a busy machine must not take its own daemons for hung, nor their starts for failed: it would kill
 * them and begin again for as long as that lasts. The drop-ins come as credentials (systemd-debug-generator(8)).
 */
function patience(slowness: number): string {
  const trialS = Math.ceil(trialAtRestS * slowness);
  const trial = `Environment=ONAIR_UPDATE_TRIAL_MS=${trialS * 1_000} SECONDS_TO_COMMIT=${trialS * 3}\n`;
  const text = `[Service]\nTimeoutStartSec=900\n${trial}`;
  const units = [...daemons.map((name) => `onair-${name}`), 'onair-update-guard'];
  return ['systemd.service_watchdogs=no', ...units.map((unit) => dropIn(unit, text))].join(' ');
}

/** QEMU's program and arguments. Ports of the guest are forwarded from free ones of 127.0.0.1. */
export function qemuCommand(options: MachineOptions): [string, string[]] {
  const { architecture, kernel, initrd, filesFolder, disk, memoryMb } = options;
  const arm = architecture === 'arm64';
  const forwarded = ['tcp:127.0.0.1:0-:80', 'tcp:127.0.0.1:0-:22', 'udp:127.0.0.1:0-:8189'];
  const args = [
    ...['-machine', arm ? 'virt' : 'q35', '-cpu', processors[architecture]],
    ...['-smp', '2', '-m', String(memoryMb), '-accel', 'tcg,thread=multi'],
    // Where this machine is busy the guest is held up, and its watchdog with it: that is no fault of the guest.
    ...['-action', 'watchdog=none'],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-kernel', kernel, '-initrd', initrd],
    ...(arm ? ['-dtb', `${filesFolder}/device-tree.dtb`] : []),
    ...[
      '-append',
      `${options.kernelArguments} ${kernelArguments[architecture]} ${patience(options.slowness)} console=${consoles[architecture]}`,
    ],
    ...['-drive', `file=${disk},if=none,id=card,format=raw,cache=unsafe`],
    ...['-device', 'virtio-blk-pci,drive=card'],
    ...['-netdev', `user,id=lan,${forwarded.map((rule) => `hostfwd=${rule}`).join(',')}`],
    ...['-device', 'virtio-net-pci,netdev=lan,romfile=', '-device', 'virtio-rng-pci'],
    ...[
      '-chardev',
      `socket,id=console,path=${options.consoleSocket},server=on,wait=off,logfile=${options.consoleLog}`,
    ],
    ...['-serial', 'chardev:console'],
    ...['-qmp', `unix:${options.monitorSocket},server=on,wait=off`],
  ];
  return [programs[architecture], args];
}
