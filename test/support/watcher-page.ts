import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** `page/watcher.ts` as one script that leaves `watcher` on the window. */
export async function watcherScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page/watcher.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
  });
  return outputFiles[0]?.text ?? '';
}
