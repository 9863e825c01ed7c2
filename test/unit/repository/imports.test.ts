import t from 'tap';
import { importsOf, readText, sourceFiles } from '#test/support/source-files.ts';

/** Node's own modules, and packages that need them. */
const isNode = (specifier: string): boolean =>
  /^(node:|ws$|pino$|lowdb|redis$|systeminformation$)/.test(specifier);

t.test('core/domain and core/protocol run anywhere: nothing of Node.js, whatever they import', async (t) => {
  const start = [
    ...(await sourceFiles('services/core/domain')),
    ...(await sourceFiles('services/core/protocol')),
  ];
  t.ok(start.length > 10, 'files were found');
  const seen = new Set(start);
  const wrong: string[] = [];
  for (const file of seen) {
    for (const { specifier, file: imported, isTypeOnly } of await importsOf(file)) {
      if (isNode(specifier)) wrong.push(`${file} imports ${specifier}`);
      if (imported && !isTypeOnly) seen.add(imported);
    }
  }
  t.strictSame(wrong, []);
  const outside = [...seen].filter((file) => !file.startsWith('services/core/'));
  t.strictSame(outside, [], 'all within core');
});

/** The two front ends of the operator's commands. */
const operated = ['cli', 'console'];

t.test('a daemon takes from itself and from core, never from another', async (t) => {
  const files = await sourceFiles('services');
  t.ok(files.length > 50, 'files were found');
  const wrong: string[] = [];
  for (const file of files) {
    const [, folder = ''] = file.split('/');
    const allowed = [`services/${folder}/`, 'services/core/'];
    if (operated.includes(folder)) allowed.push('services/operator/');
    for (const { specifier, file: imported } of await importsOf(file)) {
      if (imported === null || allowed.some((folder) => imported.startsWith(folder))) continue;
      wrong.push(`${file} imports ${specifier}`);
    }
  }
  t.strictSame(wrong, []);
});

t.test('the web page takes types from the services, and what needs nothing else to run', async (t) => {
  const wrong: string[] = [];
  for (const file of await sourceFiles('web-ui')) {
    for (const { specifier, file: imported, isTypeOnly } of await importsOf(file)) {
      if (!imported?.startsWith('services/')) continue;
      const shared = /^services\/core\/(domain|protocol)\//.test(imported);
      // A schema would bring its library along; of endpoints the page's build keeps only what addresses them.
      if (shared && (isTypeOnly || isAddress(imported) || (await needsNothing(imported)))) continue;
      wrong.push(`${file} imports ${specifier}`);
    }
  }
  t.strictSame(wrong, []);
});

const isAddress = (file: string): boolean => /^services\/core\/protocol\/(endpoints|channels)\//.test(file);

/** Whether a file, and all that it imports to run, is of core and takes no package. */
async function needsNothing(file: string): Promise<boolean> {
  const needed = (await importsOf(file)).filter(({ isTypeOnly }) => !isTypeOnly);
  for (const { file: imported } of needed) {
    if (!imported?.startsWith('services/core/') || !(await needsNothing(imported))) return false;
  }
  return true;
}

t.test('each import of ours names a file that is there', async (t) => {
  const folders = await Promise.all(['services', 'web-ui', 'test', 'bin', 'image'].map(sourceFiles));
  const known = new Set(folders.flat());
  t.ok(known.has('services/core/domain/errors.ts'));
  const wrong: string[] = [];
  for (const file of known) {
    for (const { file: imported } of await importsOf(file)) {
      if (/\.tsx?$/.test(imported ?? '') && imported && !known.has(imported))
        wrong.push(`${file} imports ${imported}`);
    }
  }
  t.strictSame(wrong, []);
});

t.test('our own parts tell what happens by EventHub; node:events serves what is of node', async (t) => {
  const wrong: string[] = [];
  for (const file of await sourceFiles('services'))
    if (/\bEventEmitter\b/.test(await readText(file))) wrong.push(file);
  t.strictSame(wrong, []);
});
