import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { SystemAddon } from './system-addon.ts';

/** Starting takes memory that running does not: after so long, what comes with the start has come. */
const settledAfterMs = 4_000;

/**
 * Gives back what starting a process took: V8 and the C library keep such memory for later use, which a daemon that
 * mostly waits does not have. Takes two tenths of a second, in which nothing else happens.
 */
export function trimMemory(addon: SystemAddon | null): void {
  if (addon === null) return;
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  // Only so does V8 also move what is left together.
  setFlagsFromString('--optimize-for-size');
  collectGarbage();
  collectGarbage();
  setFlagsFromString('--no-optimize-for-size');
  addon.trimHeap();
}

/** Does it once, when a daemon has settled. */
export function trimMemoryLater(addon: SystemAddon | null): void {
  setTimeout(() => trimMemory(addon), settledAfterMs).unref();
}
