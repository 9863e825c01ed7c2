import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkout } from '../command.ts';

const execute = promisify(execFile);

/** What the boards' firmware hands over to. */
export interface Boot {
  /** The partition that it was started from. */
  partition: number;
  kernel: string;
  initrd: string;
  cmdline: string;
  /** How long the kernel may hang before user space feeds the watchdog; null where the firmware does not look. */
  kernelWatchdogMs: number | null;
}

/**
 * What holds of a file in config.txt's language: lines under [all], and those under [tryboot] on a start with that flag. Other
 * filters are of boards that this one is not. https://www.raspberrypi.com/documentation/computers/config_txt.html
 */
export function firmwareSettings(text: string, { tryboot }: { tryboot: boolean }): Map<string, string> {
  const settings = new Map<string, string>();
  let applies = true;
  for (const line of text.split('\n').map((one) => one.trim())) {
    const filter = /^\[(.*)\]$/.exec(line)?.[1];
    if (filter !== undefined) applies = filter === 'all' || (filter === 'tryboot' && tryboot);
    const [, name, value] = /^([^#=[\s]+)=(.*)$/.exec(line) ?? [];
    if (applies && name !== undefined) settings.set(name, value ?? '');
  }
  return settings;
}

/** Which partition is started. @throws Error where the flag would start another file of the same one */
export function bootPartition(autoboot: string, { tryboot }: { tryboot: boolean }): number {
  const settings = firmwareSettings(autoboot, { tryboot });
  if (tryboot && settings.get('tryboot_a_b') !== '1') throw new Error('tryboot_a_b is not 1');
  const partition = Number(settings.get('boot_partition'));
  if (!Number.isInteger(partition) || partition < 1 || partition > 4)
    throw new Error(`the firmware starts no partition ${settings.get('boot_partition')}`);
  return partition;
}

/** What the firmware does with a card before the kernel; the files that it can reach are copied into the folder. */
export async function readCard(
  card: string,
  folder: string,
  { tryboot }: { tryboot: boolean },
): Promise<Boot> {
  const read = join(folder, 'boot');
  await mkdir(read, { recursive: true });
  await execute(join(checkout, 'image/in-tool-root'), [join(checkout, 'image/vm/firmware'), card, read], {
    cwd: checkout,
    env: { ...process.env, ONAIR_BIND: folder },
  });
  const partition = bootPartition(await readFile(join(read, '1/autoboot.txt'), 'utf8'), { tryboot });
  const from = join(read, String(partition));
  const config = await readFile(join(from, 'config.txt'), 'utf8');
  const settings = firmwareSettings(config, { tryboot });
  const kernel = settings.get('kernel') ?? '';
  const initrd = /^initramfs (\S+) followkernel$/m.exec(config)?.[1] ?? '';
  const watchdogS = settings.get('kernel_watchdog_timeout');
  return {
    partition,
    kernel: join(from, kernel),
    initrd: join(from, initrd),
    cmdline: kernelArguments(await readFile(join(from, 'cmdline.txt'), 'utf8')),
    kernelWatchdogMs: watchdogS === undefined ? null : Number(watchdogS) * 1_000,
  };
}

/** The card's own arguments, but for the consoles, which are other ones here. */
export function kernelArguments(cmdline: string): string {
  const words = cmdline.trim().split(/\s+/);
  return words.filter((word) => !word.startsWith('console=')).join(' ');
}
