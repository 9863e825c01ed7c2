import { createRequire } from 'node:module';

/** `native/system.c`, compiled. */
export interface SystemAddon {
  /** @throws Error with the system's code where it can't be sent */
  notify(socketPath: string, text: string): void;
  trimHeap(): void;
}

/** @returns null where it was not compiled. @param path it lies beside the bundles */
export function loadSystemAddon(path = './system.node'): SystemAddon | null {
  try {
    return createRequire(import.meta.url)(path) as SystemAddon;
  } catch {
    return null;
  }
}
