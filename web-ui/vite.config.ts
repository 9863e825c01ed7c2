import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';
import { endpointAddresses } from './endpoint-addresses.ts';

/** Smaller files gain nothing. */
const compressFromBytes = 1024;

/** Puts a .gz beside each text, from what was really written: a small board need not compress for every viewer. */
function compress(): Plugin {
  return {
    name: 'compress',
    apply: 'build',
    async writeBundle({ dir = '' }, bundle) {
      for (const fileName of Object.keys(bundle)) {
        const path = join(dir, fileName);
        const content = await readFile(path);
        if (content.length < compressFromBytes) continue;
        await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
      }
    },
  };
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Builds the page into dist/web-ui. What is under /assets/ carries a hash in its name, so that it can be
 * cached for ever; nothing is inlined, so that a Content-Security-Policy of 'self' is enough.
 */
export default defineConfig({
  root: here('.'),
  publicDir: here('./public'),
  plugins: [endpointAddresses(), compress()],
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    outDir: here('../dist/web-ui'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    // Without the polyfill and the preload helper a page loads one script; hls.js comes only when asked for.
    modulePreload: false,
    reportCompressedSize: false,
  },
});
