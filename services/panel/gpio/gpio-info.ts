import { execFile } from 'node:child_process';
import type { NamedLine } from './line-finder.ts';

const timeoutMs = 3_000;

/** The named lines of all character devices, from gpiod's `gpioinfo` (versions 1 and 2); none where it isn't there. */
export async function namedLinesByGpioInfo(): Promise<NamedLine[]> {
  return await new Promise((resolve) => {
    execFile('gpioinfo', { timeout: timeoutMs }, (_error, stdout) => resolve(parseGpioInfo(stdout)));
  });
}

/** `gpiochip0 - 54 lines:`, then `line  17: "GPIO17" …` for each. */
export function parseGpioInfo(text: string): NamedLine[] {
  const lines: NamedLine[] = [];
  let device = '';
  for (const line of text.split('\n')) {
    device = /^(gpiochip\d+) /.exec(line)?.[1] ?? device;
    const [, offset, name] = /^\s+line\s+(\d+):\s+"([^"]+)"/.exec(line) ?? [];
    if (offset !== undefined && name !== undefined) lines.push({ device, offset: Number(offset), name });
  }
  return lines;
}
