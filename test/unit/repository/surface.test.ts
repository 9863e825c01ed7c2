import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { checkout, readText, sourceFiles } from '#test/support/source-files.ts';

const run = promisify(execFile);

t.test('make alone tells each target', async (t) => {
  const { MAKEFLAGS: _, MAKELEVEL: __, ...environment } = process.env;
  const { stdout } = await run('make', [], { cwd: checkout, env: environment });
  const targets = /^\.PHONY: (.*)$/m.exec(await readText('Makefile'))?.[1]?.split(' ') ?? [];
  t.ok(targets.includes('demo') && targets.includes('test'));
  for (const target of targets) t.match(stdout, new RegExp(`^ +make ${target} +\\S`, 'm'), target);
});

t.test('a room stays a room: source files past 400 lines are named', async (t) => {
  const files = (await Promise.all(['services', 'web-ui'].map(sourceFiles))).flat();
  t.ok(files.length > 100, 'files were found');
  for (const file of files) {
    const lines = (await readText(file)).trimEnd().split('\n').length;
    if (lines > 400) t.comment(`${file} has ${lines} lines: is there a second room inside?`);
  }
});

t.test('what the documentation links to is there', async (t) => {
  const docs = (await readdir(join(checkout, 'docs'))).filter((name) => name.endsWith('.md'));
  const lost: string[] = [];
  for (const page of ['README.md', ...docs.map((name) => `docs/${name}`)]) {
    for (const [, target = ''] of (await readText(page)).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const there = await readText(join(dirname(page), target)).then(
        () => true,
        (error: NodeJS.ErrnoException) => error.code === 'EISDIR',
      );
      if (!there) lost.push(`${page} → ${target}`);
    }
  }
  t.strictSame(lost, []);
});

t.test('the walks of docs/architecture.md name files that are there', async (t) => {
  const known = new Set((await Promise.all(['services', 'web-ui', 'test'].map(sourceFiles))).flat());
  const named = [...(await readText('docs/architecture.md')).matchAll(/`([\w-]+(?:\/[\w-]+)+\.tsx?)`/g)].map(
    ([, path = '']) => path,
  );
  t.ok(named.length > 60, 'they were found');
  const lost = named.filter((path) => !known.has(path) && !known.has(`services/${path}`));
  t.strictSame(lost, []);
});

t.test('environment variables of a daemon are read in one place', async (t) => {
  const exempt = /^services\/(boot-settings|cli)\/|^services\/core\/runtime\/environment\.ts$/;
  const wrong: string[] = [];
  for (const file of await sourceFiles('services')) {
    if (!exempt.test(file) && /\.ONAIR_[A-Z]/.test(await readText(file))) wrong.push(file);
  }
  t.strictSame(wrong, []);
});
