import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in ticks of 10 ms. */
const ticksPerSecond = 100;

/** Processor time of a process so far, user and system, in seconds. */
export function processorSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Share of one core that a process used while `during` ran. */
export async function processorShare(pid: number, during: () => Promise<void>): Promise<number> {
  const before = processorSeconds(pid);
  const startedAtMs = performance.now();
  await during();
  return (processorSeconds(pid) - before) / ((performance.now() - startedAtMs) / 1000);
}

/** Proportional set size, in megabytes (10⁶ bytes). */
export function proportionalSetMegabytes(pid: number): number {
  return field(`/proc/${pid}/smaps_rollup`, 'Pss');
}

/** Resident set size, in megabytes (10⁶ bytes). */
export function residentMegabytes(pid: number): number {
  return field(`/proc/${pid}/status`, 'VmRSS');
}

/** A process and all that it started. */
export function familyOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {} // it ended while we looked
  }
  const family = (root: number): number[] => [root, ...(children.get(root) ?? []).flatMap(family)];
  return family(pid);
}

function field(path: string, name: string): number {
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(path, 'utf8'))?.[1];
  return (Number(kilobytes) * 1024) / 1e6;
}
