import { readdirSync, readFileSync } from 'node:fs';

/** State and parent of a process as Linux tells them; null where there is none. */
function statOf(pid: number | string): { state: string; parent: number } | null {
  try {
    // The name before it may hold spaces and brackets itself.
    const [state = '', parent] =
      readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return { state, parent: Number(parent) };
  } catch {
    return null;
  }
}

/** Whether a process runs; one that has ended and waits for its parent to notice does not. */
export function isRunning(pid: number): boolean {
  const stat = statOf(pid);
  return stat !== null && stat.state !== 'Z';
}

/** Every process below this one. */
export function descendantsOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(name) : null;
    if (stat && stat.state !== 'Z') parents.set(Number(name), stat.parent);
  }
  const childrenOf = (parent: number): number[] =>
    [...parents].flatMap(([child, of]) => (of === parent ? [child, ...childrenOf(child)] : []));
  return childrenOf(pid);
}

/** Resolves with those of them that still run once none does, or after `timeoutMs`. */
export async function untilEnded(pids: readonly number[], timeoutMs: number): Promise<number[]> {
  const deadlineMs = Date.now() + timeoutMs;
  let left = pids.filter(isRunning);
  while (left.length > 0 && Date.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    left = left.filter(isRunning);
  }
  return left;
}
