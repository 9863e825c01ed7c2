import { createRequire } from 'node:module';

/** A native module of ours; it lies beside the bundles. @throws Error where it was not compiled */
export function loadAddon<Addon>(path: string): Addon {
  return createRequire(import.meta.url)(path) as Addon;
}
