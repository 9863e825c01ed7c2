import { join } from 'node:path';
import { build } from 'esbuild';
import { nativePackages } from '../../../bin/native-packages.mjs';
import { checkout } from '../command.ts';
import type { GuestShell } from './guest-shell.ts';

/** Beside the daemons, where the native addons are found. */
const folder = '/usr/lib/onair/dist';

/**
 * Bundles a program of test/support/vm/guest as the daemons are bundled and puts it into the guest, above its read-only
 * system; the command that runs it there.
 */
export async function installGuestProgram(shell: GuestShell, name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(checkout, 'test/support/vm/guest', `${name}.ts`)],
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: [...nativePackages],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  const path = `${folder}/${name}.mjs`;
  await shell.run(`cat >${path}`, { input: Buffer.from(outputFiles[0]?.contents ?? '') });
  return `node ${path}`;
}
