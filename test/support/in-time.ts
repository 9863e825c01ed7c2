import { spawnSync } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';

/** What Node.js needs to start and end on two cores at rest. */
const startAtRestMs = 60;

/**
 * How many times slower than two cores at rest this machine is now: by the start of a process, and by how many others
 * had to share each core in the last minute. 1 or more.
 */
export function slowness(): number {
  const startsMs = [1, 2, 3].map(() => {
    const beganMs = performance.now();
    spawnSync(process.execPath, ['-e', '']);
    return performance.now() - beganMs;
  });
  const [, startMs = startAtRestMs] = startsMs.toSorted((a, b) => a - b);
  return Math.max(1, startMs / startAtRestMs, (loadavg()[0] ?? 0) / availableParallelism());
}

/** Whether it took no longer than it may: where it did, the bound follows the machine, which may have more to do. */
export function inTime(tookMs: number, boundMs: number): boolean {
  return tookMs < boundMs || tookMs < boundMs * slowness();
}
