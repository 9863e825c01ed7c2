import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { checkout } from '#test/support/source-files.ts';

const run = promisify(execFile);

interface Machine {
  sources?: Record<string, string>;
  apt?: string;
  environment?: Record<string, string>;
}

/** Runs one of the image scripts on a machine with these apt sources and settings. */
async function script(
  t: Test,
  name: string,
  { sources = {}, apt = '', environment = {} }: Machine,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'onair-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'sources.list.d'));
  for (const [file, text] of Object.entries(sources))
    await writeFile(join(folder, 'sources.list.d', file), text);
  const configuration = [
    `Dir::Etc::sourcelist "/dev/null";`,
    `Dir::Etc::sourceparts "${folder}/sources.list.d";`,
    `Dir::Etc::parts "/dev/null";`,
    apt,
  ];
  await writeFile(join(folder, 'apt.conf'), configuration.join('\n'));
  const { ONAIR_MIRROR: _, ONAIR_SECURITY_MIRROR: __, ...inherited } = process.env;
  const { stdout } = await run(join(checkout, 'image', name), [], {
    env: { ...inherited, APT_CONFIG: join(folder, 'apt.conf'), ...environment },
  });
  return stdout;
}

/** What a command says that fails. */
const complaint = async (command: Promise<unknown>): Promise<string> =>
  await command.then(
    () => 'it did not fail',
    ({ stderr }: { stderr?: string }) => stderr ?? '',
  );

const found = (mirror: string, security: string): string =>
  `ONAIR_MIRROR='${mirror}'\nONAIR_SECURITY_MIRROR='${security}'\n`;

const hasApt = await run('apt-get', ['--version']).then(
  () => true,
  () => false,
);

t.test('the archive of the machine', { skip: hasApt ? false : 'no apt-get here' }, async (t) => {
  t.test('new style, with others before it', async (t) => {
    const sources = {
      'a-other.sources': 'Types: deb\nURIs: http://other.example/repo\nSuites: nodistro\nComponents: main\n',
      'debian.sources': `Types: deb deb-src
URIs: http://mirror.example/debian/
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
`,
    };
    t.equal(
      await script(t, 'apt-source', { sources }),
      found('http://mirror.example/debian', 'http://mirror.example/debian-security'),
    );
  });

  t.test('one-line style, with options', async (t) => {
    const sources = {
      'debian.list': `# deb http://commented.example/debian trixie main
deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] https://mirror.example/debian trixie main
deb https://secure.example/debian-security trixie-security main\n`,
    };
    t.equal(
      await script(t, 'apt-source', { sources }),
      found('https://mirror.example/debian', 'https://secure.example/debian-security'),
    );
  });

  t.test('a file of mirrors, as cloud machines have it', async (t) => {
    const folder = t.testdir({
      'debian.list': '# ours\nhttp://first.example/debian/\nhttp://second.example/debian\n',
    });
    const sources = { 'debian.list': `deb mirror+file:${folder}/debian.list trixie main\n` };
    t.equal(await script(t, 'apt-source', { sources }), found('http://first.example/debian', ''));
  });

  t.test('what is asked for comes before what is found', async (t) => {
    const sources = { 'debian.list': 'deb http://mirror.example/debian trixie main\n' };
    const environment = { ONAIR_MIRROR: 'http://asked.example/debian' };
    t.equal(
      await script(t, 'apt-source', { sources, environment }),
      found('http://asked.example/debian', ''),
    );
  });

  t.test('no archive of Debian: what to do', async (t) => {
    const sources = { 'a.list': 'deb http://other.example/repo noble main\n' };
    t.match(
      await complaint(script(t, 'apt-source', { sources })),
      /this machine's apt sources name no Debian archive: say where it is with ONAIR_MIRROR=URL/,
    );
  });

  t.test('nothing that a shell would run', async (t) => {
    const environment = { ONAIR_MIRROR: "http://x.example/';reboot;'" };
    t.match(
      await complaint(script(t, 'apt-source', { environment })),
      /this is not the address of an archive/,
    );
  });

  t.test('the way to it: proxies, and clocks that are not to be believed', async (t) => {
    const apt = `Acquire::http::Proxy "http://proxy.example:3142";
Acquire::Check-Valid-Until "false";
APT::Install-Recommends "false";`;
    t.equal(
      await script(t, 'apt-settings', { apt }),
      'Acquire::http::Proxy "http://proxy.example:3142";\nAcquire::Check-Valid-Until "false";\n',
    );
  });
});
