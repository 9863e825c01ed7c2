import { readdirSync, readFileSync } from 'node:fs';

/** One look at a process. */
const lookMs = 250;

/**
 * Calls back once a process has nothing to do: what is late because the machine is slow still runs or waits for a processor,
 * what hangs does neither.
 * @param options.atMostMs it may also run in a circle: called back after this long all the same
 * @returns ends the wait
 */
export function whenIdle(
  pid: number | undefined,
  { atMostMs }: { atMostMs: number },
  onIdle: () => void,
): () => void {
  const beganAtMs = performance.now();
  let beforeMs = busyMs(pid);
  if (beforeMs === null) {
    onIdle();
    return () => {};
  }
  let lookedAtMs = beganAtMs;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    const nowBusyMs = busyMs(pid);
    const isBusy = nowBusyMs !== null && nowBusyMs - (beforeMs ?? 0) >= (nowMs - lookedAtMs) / 2;
    [beforeMs, lookedAtMs] = [nowBusyMs, nowMs];
    if (isBusy && nowMs - beganAtMs < atMostMs) return;
    clearInterval(timer);
    onIdle();
  }, lookMs);
  return () => clearInterval(timer);
}

/**
 * How long the threads of a process ran, and were ready and waited for a processor, together, in milliseconds (proc(5),
 * `schedstat`).
 * @returns null where it is stopped or gone, or the kernel does not say
 */
export function busyMs(pid: number | undefined): number | null {
  if (pid === undefined) return null;
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'latin1');
    if (/[TtZX]/.test(status[status.lastIndexOf(')') + 2] ?? '')) return null;
    const threads = readdirSync(`/proc/${pid}/task`);
    const ns = threads.map((thread) => {
      const [ran, waited] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ');
      return Number(ran) + Number(waited);
    });
    return ns.reduce((sum, one) => sum + one, 0) / 1e6;
  } catch {
    return null; // it ends just now, perhaps
  }
}
