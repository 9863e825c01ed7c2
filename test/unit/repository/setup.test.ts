import { readFile } from 'node:fs/promises';
import t, { type Test } from 'tap';
import { SetUpMachine } from '#test/support/set-up-machine.ts';

/** What bin/packages.txt lists in these sections, without the names that may be left out. */
async function listed(...sections: string[]): Promise<string[]> {
  const text = await readFile(new URL('../../../bin/packages.txt', import.meta.url), 'utf8');
  const names: string[] = [];
  let section = '';
  for (const line of text.split('\n')) {
    section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section;
    if (sections.includes(section) && /^[a-z0-9][^ ]*( -)?$/.test(line)) names.push(line.replace(/ -$/, ''));
  }
  return names;
}

async function machine(t: Test, options: Parameters<typeof SetUpMachine.make>[0]): Promise<SetUpMachine> {
  const made = await SetUpMachine.make(options);
  t.teardown(() => made.close());
  return made;
}

t.test('what is missing is named and installed; the second time nothing is done or said', async (t) => {
  const all = await listed('run', 'build');
  const box = await machine(t, {
    installed: all.filter((name) => !['g++', 'gstreamer1.0-libav'].includes(name)),
  });
  const first = await box.run();
  t.match(first, { exitCode: 0, stderr: '' });
  t.strictSame(first.calls, [
    'apt-get install gstreamer1.0-libav g++',
    'apt-get install gstreamer1.0-libcamera',
    'npm ci',
  ]);
  t.match(first.stdout, 'setup: installing Debian packages: gstreamer1.0-libav g++\n');
  t.match(first.stdout, /^setup: installing npm packages \(npm ci, npm 9\.2\.0, Node\.js 20\.19\.2\)$/m);
  t.strictSame(await box.run(), { exitCode: 0, stdout: '', stderr: '', calls: [] });
});

t.test('tests need more than the demo', async (t) => {
  const box = await machine(t, { installed: await listed('run', 'build') });
  t.strictSame((await box.run()).calls, ['apt-get install gstreamer1.0-libcamera', 'npm ci']);
  const { calls } = await box.run('test');
  t.match(calls[0], 'apt-get install chromium ffmpeg ');
  t.strictSame(calls.slice(1), [
    'systemctl --quiet disable --now avahi-daemon',
    'systemctl --quiet disable --now coturn',
    'systemctl --quiet disable --now mosquitto',
    'systemctl --quiet disable --now nginx',
    'systemctl --quiet disable --now redis-server',
    'apt-get install python3-aiortc',
  ]);
  t.strictSame((await box.run('test')).calls, []);
});

t.test('a bare Debian 13: Node.js comes from Debian too', async (t) => {
  const box = await machine(t, { node: null, hasNpm: false, emptyLists: true });
  const { calls, exitCode, stderr } = await box.run();
  t.strictSame(calls, ['apt-get update', `apt-get install ${(await listed('node')).join(' ')}`]);
  // The pretended apt-get brings no node command.
  t.equal(exitCode, 1);
  t.match(stderr, /^setup: Node\.js 20\.19 or newer is needed and here is none; /);
});

for (const [what, options, found] of [
  ['Debian 12 without Node.js', { node: null, hasNpm: false }, 'here is none'],
  ["Debian 12 with Debian's Node.js", { node: '18.20.4' }, 'here is 18.20.4'],
  ['a Node.js from elsewhere', { node: '20.18.3', maintainer: 'Somebody' }, 'here is 20.18.3'],
  ['a Node.js between two lines', { node: '21.7.0', maintainer: 'Somebody' }, 'here is 21.7.0'],
] as const) {
  t.test(`${what}: one sentence, and nothing is touched`, async (t) => {
    const box = await machine(t, { candidates: { nodejs: '18.20.4+dfsg-1', '*': '1' }, ...options });
    const { exitCode, stdout, stderr, calls } = await box.run();
    t.strictSame({ exitCode, stdout, calls }, { exitCode: 1, stdout: '', calls: [] });
    t.match(stderr, `setup: Node.js 20.19 or newer is needed and ${found}; `);
    t.equal(stderr.trim().split('\n').length, 1);
  });
}

t.test('lists are read again where a package is unknown or its file is gone', async (t) => {
  const installed = (await listed('run', 'build')).filter((name) => name !== 'make');
  const unknown = await machine(t, { installed, emptyLists: true });
  t.strictSame((await unknown.run()).calls.slice(0, 2), ['apt-get update', 'apt-get install make']);
  const gone = await machine(t, { installed, staleLists: true });
  t.strictSame((await gone.run()).calls.slice(0, 3), [
    'apt-get install make',
    'apt-get update',
    'apt-get install make',
  ]);
});

t.test('a package that can not be had: its name in one sentence, unless Onair can do without', async (t) => {
  const installed = await listed('run', 'build');
  const needed = await machine(t, { installed, candidates: { nodejs: '20.19.2', chromium: '', '*': '1' } });
  const { exitCode, stderr, calls } = await needed.run('test');
  t.equal(exitCode, 1);
  t.match(stderr, /^setup: these packages can't be had from [^\n]+: chromium\n$/);
  t.strictSame(calls, ['apt-get update']);
  const spare = await machine(t, { installed, candidates: { 'gstreamer1.0-libcamera': '', '*': '1' } });
  t.match(await spare.run(), {
    exitCode: 0,
    stdout: "gstreamer1.0-libcamera can't be had here",
    calls: ['npm ci'],
  });
});

t.test('not root: sudo for apt-get alone; without sudo, the command to run', async (t) => {
  const installed = (await listed('run', 'build')).filter((name) => name !== 'make');
  const user = await machine(t, { installed, isRoot: false, hasSudo: true });
  const { calls } = await user.run();
  t.match(
    calls[0],
    /^sudo env DEBIAN_FRONTEND=noninteractive apt-get .*install --no-install-recommends make$/,
  );
  t.ok(calls.includes('npm ci'));
  t.notOk(calls.some((call) => /sudo.*npm/.test(call)));
  const nobody = await machine(t, { installed, isRoot: false });
  const refused = await nobody.run();
  t.match(refused, { exitCode: 1, calls: [] });
  t.match(refused.stderr, /as root, do this and try again: apt-get install make\n$/);
});

t.test('no Debian: what is missing by name', async (t) => {
  const box = await machine(t, { isDebian: false, hasNpm: false });
  const { exitCode, stderr } = await box.run();
  t.equal(exitCode, 1);
  t.match(stderr, /^setup: there is no apt-get here and these are missing: g\+\+ make python3 [^\n]* npm; /);
});
