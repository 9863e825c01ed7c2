import t from 'tap';
import { elements } from '#cli/doctor/gstreamer-elements.ts';
import { version } from '#core/version.ts';
import { readText, sourceFiles } from '#test/support/source-files.ts';

interface LockedPackage {
  version?: string;
  integrity?: string;
  resolved?: string;
  cpu?: string[];
  os?: string[];
  optionalDependencies?: Record<string, string>;
}

const own = JSON.parse(await readText('package.json')) as { version: string };
const lock = JSON.parse(await readText('package-lock.json')) as {
  version: string;
  packages: Record<string, LockedPackage>;
};
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

t.test('one version', async (t) => {
  t.equal(version, own.version, 'services/core/version.ts');
  t.equal(lock.version, own.version, 'package-lock.json');
});

t.test('the lock file says what, not from where', async (t) => {
  t.strictSame(
    packages.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path),
    [],
    'no hosts',
  );
  const unchecked = packages.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'));
  t.strictSame(
    unchecked.map(([path]) => path),
    [],
    'a checksum for each',
  );
});

t.test('the lock file knows every platform of a native package: npm ci refuses it otherwise', async (t) => {
  const missing = packages.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter(
        (name) =>
          !(`node_modules/${name}` in lock.packages || `${path}/node_modules/${name}` in lock.packages),
      )
      .map((name) => `${path} → ${name}`),
  );
  t.strictSame(missing, []);
});

t.test('boards with arm64 and machines with x64 alike', async (t) => {
  for (const family of ['@esbuild/', '@rollup/rollup-', '@biomejs/cli-', '@node-datachannel/']) {
    for (const cpu of ['arm64', 'x64']) {
      const found = packages.filter(
        ([path, locked]) =>
          path.startsWith(`node_modules/${family}`) &&
          locked.os?.includes('linux') &&
          locked.cpu?.includes(cpu),
      );
      t.ok(found.length > 0, `${family}* for Linux on ${cpu}`);
    }
  }
});

t.test('messages name Debian packages that the set-up knows', async (t) => {
  const listed = (await readText('bin/packages.txt')).split('\n').map((line) => line.replace(/ [?-]$/, ''));
  const named = new Set(elements.map(({ debianPackage }) => debianPackage));
  for (const file of await sourceFiles('services')) {
    for (const [name] of (await readText(file)).matchAll(/\bgstreamer1\.0-[a-z0-9-]+/g)) named.add(name);
  }
  t.ok(named.size > 4);
  t.strictSame(
    [...named].filter((name) => !listed.includes(name)),
    [],
  );
});
