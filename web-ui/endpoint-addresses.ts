import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Plugin } from 'vite';

const chapters = /\/services\/core\/protocol\/(endpoints|channels)\/[\w-]+\.ts$/;
const zod = pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), '../node_modules/zod/index.js')).href;

/**
 * Of the endpoints that the page imports only what addresses them: method, path, how long to wait, and a body's type that
 * is not JSON. Their schemas stay with the box, and with them the library that a viewer would have to wait for.
 */
export function endpointAddresses(): Plugin {
  return {
    name: 'endpoint-addresses',
    enforce: 'pre',
    async load(id) {
      if (!chapters.test(id)) return null;
      const declared = await declarationsOf(id);
      return Object.entries(declared)
        .flatMap(([name, value]) => {
          const address = addressOf(value);
          return address === null ? [] : [`export const ${name} = ${JSON.stringify(address)};`];
        })
        .join('\n');
    },
  };
}

/** Runs the chapter as it stands. */
async function declarationsOf(path: string): Promise<Record<string, unknown>> {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    plugins: [
      {
        name: 'zod',
        setup: ({ onResolve }) => onResolve({ filter: /^zod$/ }, () => ({ path: zod, external: true })),
      },
    ],
  });
  const [bundle] = outputFiles;
  if (!bundle) throw new Error(`${path} could not be read`);
  return await import(`data:text/javascript;base64,${Buffer.from(bundle.contents).toString('base64')}`);
}

function addressOf(value: unknown): object | null {
  if (typeof value !== 'object' || value === null || !('path' in value)) return null;
  const { method, path, timeoutMs, body } = value as Record<string, unknown>;
  const type = typeof body === 'object' && body !== null && !('safeParse' in body) ? body : undefined;
  return { method, path, timeoutMs, body: type };
}
