// The licences of all that is in the bundles and in the page.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { closure } from './node-modules.mjs';

/** Of the packages for development, those that the page is built with. */
async function packagesOfThePage() {
  const names = new Set();
  for (const path of await readdir('web-ui', { recursive: true })) {
    if (!/\.tsx?$/.test(path)) continue;
    const text = await readFile(join('web-ui', path), 'utf8');
    for (const [, name] of text.matchAll(/from '([a-z@][^'./]*(?:\/[^'.]*)?)'/g)) {
      names.add(name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : name.split('/')[0]);
    }
  }
  return [...names];
}

async function licenceText(folder) {
  const names = await readdir(folder);
  const name = names.find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  return name ? (await readFile(join(folder, name), 'utf8')).trim() : null;
}

/** Debian's copyright file: Onair's own licence, and each package's with its version. */
export async function notices() {
  const own = JSON.parse(await readFile('package.json', 'utf8'));
  const folders = await closure([...Object.keys(own.dependencies), ...(await packagesOfThePage())]);
  const parts = [(await readFile('LICENSE', 'utf8')).trim()];
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const text = await licenceText(folder);
    // Debian has that text once for all packages.
    const isApache = /Apache License\s+Version 2\.0/.test(text ?? '');
    const shown = isApache ? 'See /usr/share/common-licenses/Apache-2.0.' : (text ?? '');
    parts.push(`${name} ${version}: ${license ?? 'see below'}\n\n${shown}`.trim());
  }
  return `Onair, and the npm packages that are part of its programs and its page.\n\n${parts.join(`\n\n${'-'.repeat(72)}\n\n`)}\n`;
}
