// Builds dist/: one bundled ESM file for each daemon and the command, and the web page.
import { existsSync } from 'node:fs';
import { build } from 'esbuild';
import { build as buildPage } from 'vite';

const entries = {
  control: 'services/control/main.ts',
  media: 'services/media/main.ts',
  'media-pipeline': 'services/media/pipeline-process.ts',
  egress: 'services/egress/main.ts',
  panel: 'services/panel/main.ts',
  cli: 'services/cli/main.ts',
};

await build({
  entryPoints: Object.fromEntries(Object.entries(entries).filter(([, path]) => existsSync(path))),
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'linked',
  legalComments: 'none',
  // Native addons are loaded from node_modules at run time.
  external: ['gstreamer-superficial', 'node-datachannel', 'bufferutil', 'utf-8-validate'],
  // Bundled CommonJS packages still call require for node: modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

if (existsSync('web-ui/vite.config.ts')) await buildPage({ root: 'web-ui', logLevel: 'warn' });
