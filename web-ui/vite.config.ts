import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** Smaller files gain nothing. */
const compressFromBytes = 1024;

/** Puts a .gz beside each text: a small board need not compress the same bytes for every viewer. */
function compress(): Plugin {
  return {
    name: 'compress',
    apply: 'build',
    enforce: 'post',
    async generateBundle(_options, bundle) {
      for (const [fileName, output] of Object.entries(bundle)) {
        const source = output.type === 'chunk' ? output.code : output.source;
        if (source.length < compressFromBytes) continue;
        const compressed = await promisify(gzip)(source, { level: 9 });
        this.emitFile({ type: 'asset', fileName: `${fileName}.gz`, source: compressed });
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
  plugins: [compress()],
  build: {
    outDir: here('../dist/web-ui'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    // Without the polyfill and the preload helper a page loads one script; hls.js comes only when asked for.
    modulePreload: false,
    reportCompressedSize: false,
    rollupOptions: { input: { viewer: here('./index.html') } },
  },
});
