import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { checkout, readText } from '#test/support/source-files.ts';
import { nativePackages } from '../../../bin/native-packages.mjs';
import { controlFile } from '../../../package/control-file.mjs';
import { closure } from '../../../package/node-modules.mjs';

const run = promisify(execFile);

t.test('the package depends on what bin/packages.txt lists, and on its addons’ libraries', async (t) => {
  const text = await controlFile({
    version: '1.2.3',
    architecture: 'arm64',
    libraries: 'libc6 (>= 2.34), libgstreamer1.0-0',
    installedKb: 17,
    abi: 115,
  });
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]?.split(', ') ?? [];
  const depends = field('Depends');
  for (const name of ['gstreamer1.0-plugins-good', 'libnode115', 'libc6 (>= 2.34)', 'avahi-daemon'])
    t.ok(depends.includes(name), name);
  t.ok(field('Recommends').includes('gstreamer1.0-libcamera'), 'what Onair can do without');
  t.notOk(depends.some((name) => name.startsWith('gstreamer1.0-libcamera')));
  t.strictSame(depends, [...new Set(depends)].sort(), 'each once');
  t.match(text, /^Version: 1\.2\.3\nArchitecture: arm64$/m);
  t.notMatch(text, /\n\n/, 'one paragraph');
});

t.test('each package with compiled parts comes with all that it loads', async (t) => {
  const folders = await closure(nativePackages);
  for (const name of [...nativePackages, 'lodash.debounce', 'node-gyp-build', 'detect-libc', 'bindings'])
    t.ok(folders.includes(join('node_modules', name)), name);
  t.notOk(
    folders.some((folder) => /\/(nan|node-addon-api)$/.test(folder)),
    'not what only compiles it',
  );
});

t.test('its scripts are shell scripts, and know every unit', async (t) => {
  const units = (await readdir(join(checkout, 'systemd/system'))).filter(
    (name) => !/^onair-(clock|disk@|hostname|reboot|screen|time-zone|wifi-country)\.service$/.test(name),
  );
  for (const script of ['postinst', 'prerm', 'postrm']) {
    const path = `package/debian/${script}`;
    await t.resolves(run('sh', ['-n', join(checkout, path)]));
    const text = await readText(path);
    for (const unit of units) t.ok(text.includes(unit), `${script} knows ${unit}`);
  }
});

t.test('what it installs is there', async (t) => {
  const build = await readText('package/build.mjs');
  const sources = [...build.matchAll(/^ {2}(?: {2})?\[?'((?:systemd|firmware|package)\/[^']+)'/gm)].map(
    ([, path]) => String(path),
  );
  t.ok(sources.length > 12, String(sources.length));
  t.strictSame(
    sources.filter((path) => !existsSync(join(checkout, path))),
    [],
  );
});

t.test('the completion completes commands, settings, their values and options', async (t) => {
  const complete = async (...words: string[]): Promise<string[]> => {
    const script = `. package/onair.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _onair 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run('bash', ['-c', script, 'bash', 'onair', ...words], { cwd: checkout });
    return stdout.trim().split('\n');
  };
  t.same(await complete('st'), ['status', 'stop']);
  t.same(await complete('settings', ''), ['get', 'set']);
  t.same(await complete('settings', 'set', 'viewing.ac'), ['viewing.access']);
  t.same(await complete('set', 'viewing.access', ''), ['open', 'pin']);
  t.same(await complete('restart', 'b'), ['box']);
  t.same(await complete('logs', '--f'), ['--follow']);
});
