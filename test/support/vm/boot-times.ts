import type { Vm } from './vm.ts';

/** Seconds since the guest's kernel started. */
export interface BootTimes {
  /** All that was asked for at the start has been started. */
  multiUser: number;
  /** The button works; null in a system without Onair. */
  button: number | null;
  /** Control answers. */
  control: number | null;
  /** The line over the USB cable is served. */
  console: number | null;
  /** The page has come through to the outside. */
  page: number | null;
}

/** When a unit became active, in seconds since the kernel started; null where it did not. */
async function activeAt(vm: Vm, unit: string): Promise<number | null> {
  const stamp = await vm.shell.run(`systemctl show -p ActiveEnterTimestampMonotonic --value ${unit}`);
  return Number(stamp) > 0 ? Number(stamp) / 1e6 : null;
}

/** Asks a box that is starting for its page until it comes; the time of day it came, in ms. */
export async function pageServedAtMs(vm: Vm, withinMs: number): Promise<number> {
  const over = AbortSignal.timeout(withinMs);
  // A connection made before the guest has a network may hang for longer than the guest takes: others go beside it.
  const tries = new Set<Promise<void>>();
  let servedAtMs = 0;
  while (servedAtMs === 0) {
    if (over.aborted) throw new Error(`no page within ${withinMs} ms`);
    const attempt = fetch(`${vm.origin}/`, { signal: AbortSignal.any([over, AbortSignal.timeout(10_000)]) })
      .then(async (answer) => {
        await answer.text();
        if (answer.status === 200 && servedAtMs === 0) servedAtMs = Date.now();
      })
      .catch(() => {});
    tries.add(attempt);
    void attempt.finally(() => tries.delete(attempt));
    await Promise.race([new Promise((resolve) => setTimeout(resolve, 250)), attempt]);
    if (servedAtMs === 0) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return servedAtMs;
}

/** Of a box that has started. @param servedAtMs when its page came, if that was waited for */
export async function bootTimes(vm: Vm, servedAtMs: number | null): Promise<BootTimes> {
  const askedAtMs = Date.now();
  const uptime = Number((await vm.shell.run('cat /proc/uptime')).split(' ')[0]);
  // The guest read its clock some time between question and answer.
  const kernelAtMs = (askedAtMs + Date.now()) / 2 - uptime * 1000;
  return {
    multiUser: (await activeAt(vm, 'multi-user.target')) ?? Number.NaN,
    button: await activeAt(vm, 'onair-panel.service'),
    control: await activeAt(vm, 'onair-control.service'),
    console: await activeAt(vm, 'onair-console.service'),
    page: servedAtMs === null ? null : (servedAtMs - kernelAtMs) / 1000,
  };
}
