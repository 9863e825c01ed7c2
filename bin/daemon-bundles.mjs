// How a daemon is bundled: one ESM file each, for bin/build.mjs and bin/dev.mjs.
import { nativePackages } from './native-packages.mjs';

export const entries = {
  control: 'services/control/main.ts',
  'boot-settings': 'services/boot-settings/main.ts',
  'mdns-advertiser': 'services/control/network/mdns-process.ts',
  'certificate-process': 'services/control/tls/certificate-process.ts',
  'acme-process': 'services/control/tls/acme-process.ts',
  media: 'services/media/main.ts',
  'media-encoder': 'services/media/encoder/main.ts',
  'media-source': 'services/media/sources/main.ts',
  'media-preview': 'services/media/preview/main.ts',
  'media-ingest': 'services/media/ingest/main.ts',
  egress: 'services/egress/main.ts',
  panel: 'services/panel/main.ts',
  console: 'services/console/main.ts',
  outputs: 'services/outputs/main.ts',
  'outputs-whip': 'services/outputs/whip/main.ts',
  'recorder-process': 'services/outputs/recording/recorder-process.ts',
  update: 'services/update/main.ts',
  conformance: 'test/conformance/main.ts',
  cli: 'services/cli/main.ts',
};

/** zod brings the words of all its languages, a third of a megabyte in each daemon; English is used. */
const oneLanguage = {
  name: 'one-language',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/** esbuild's options for one daemon. What only one of them loads later, such as another WebRTC engine, is a file of its own. */
export function bundleOptions(name, outdir) {
  return {
    entryPoints: { [name]: entries[name] },
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: `${name}-[name]-[hash]`,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // Less to read and to hold on a small board; names and lines stay, so that a stack trace can be read.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 120,
    sourcemap: 'linked',
    // Node.js holds a source map whole in memory; the sources themselves are beside it in the checkout.
    sourcesContent: false,
    legalComments: 'none',
    // Native addons are loaded from node_modules at run time.
    external: [...nativePackages, 'bufferutil', 'utf-8-validate', 'playwright-core'],
    // Its CommonJS way in requires files by names that esbuild does not see.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    // Bundled CommonJS packages still call require for node: modules.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
    },
    plugins: [oneLanguage],
    logLevel: 'warning',
  };
}
