import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const folder = 'web-ui/setup/over-usb';

/** setup.html: one file with all that it needs, for a laptop to open from disk. */
export async function buildSetupFile() {
  const [script, style] = await Promise.all([bundled('main.ts'), bundled('page.css')]);
  const page = await readFile(join(folder, 'page.html'), 'utf8');
  const whole = page
    .replace('/*style*/', () => style)
    .replace('/*script*/', () => script.replaceAll('</script', '<\\/script'));
  return [{ path: 'web-ui/setup/setup.html', contents: Buffer.from(whole) }];
}

async function bundled(name) {
  const { outputFiles } = await build({
    entryPoints: [join(folder, name)],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: 'es2022',
    logLevel: 'warning',
  });
  return outputFiles[0]?.text.trim() ?? '';
}
