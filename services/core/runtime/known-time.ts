import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Made by systemd/scripts/set-clock, until the machine's next start. */
const toldPath = '/run/onair-clock/told';

/** When this version was made, ms since the epoch: no clock that shows an earlier time is right. @param program one of its files */
export function versionMadeMs(program: string): number {
  return statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/**
 * Whether the clock can be believed. A board without a clock of its own begins at a time long ago, or at the one that was
 * saved last, and learns the right one from the network or from an operator.
 * @param options.notBeforeMs when this version was made: no clock that shows an earlier time is right
 * @param options.root where the system's files are, for tests
 */
export function timeIsKnown(options: { nowMs: number; notBeforeMs: number; root?: string }): boolean {
  const { nowMs, notBeforeMs, root = '' } = options;
  if (nowMs < notBeforeMs) return false;
  const timesync = join(root, '/run/systemd/timesync');
  // Another program keeps the time, such as chrony; a container has its machine's.
  if (!existsSync(timesync)) return true;
  if (existsSync(join(timesync, 'synchronized')) || existsSync(join(root, toldPath))) return true;
  return hardwareClocks(root).some((clockMs) => clockMs >= notBeforeMs);
}

/** What the clocks with a battery show; one whose battery is empty began at 1970. */
function hardwareClocks(root: string): number[] {
  const directory = join(root, '/sys/class/rtc');
  if (!existsSync(directory)) return [];
  return readdirSync(directory).map((name) => {
    try {
      return Number(readFileSync(join(directory, name, 'since_epoch'), 'utf8')) * 1000;
    } catch {
      return Number.NaN; // it can't be read
    }
  });
}
