import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import { BoxLink } from '../support/box-link.ts';
import { checkout } from '../support/command.ts';
import { shortFolder } from '../support/short-folder.ts';

t.setTimeout(240_000);
const withinMs = 60_000;

/** The daemons that a broadcast takes, with a data directory of the test's; `before` runs in control's own mounts. */
async function daemons(
  t: Test,
  options: { dataDirectory: string; names: readonly string[]; before?: string },
) {
  const { dataDirectory, names, before } = options;
  const folder = await shortFolder(t);
  const environment = {
    ...process.env,
    NODE_OPTIONS: '',
    ONAIR_STATE: folder,
    ONAIR_DATA: dataDirectory,
    ONAIR_BOARD: 'virtual',
    ONAIR_HTTP_PORT: '0',
    ONAIR_SETTINGS: JSON.stringify({
      video: { source: 'test', width: 320, height: 180, framesPerSecond: 10 },
      webrtc: { port: 0 },
    }),
  };
  const printed: string[] = [];
  const children: ChildProcess[] = names.map((name) => {
    const command = [process.execPath, join(checkout, 'dist', `${name}.js`)];
    const words =
      before !== undefined && name === 'control'
        ? [
            'unshare',
            '-m',
            '--propagation',
            'private',
            'sh',
            '-c',
            `${before} && exec "$@"`,
            'sh',
            ...command,
          ]
        : command;
    const [program = '', ...args] = words;
    const child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => printed.push(`${name}: ${data}`));
    return child;
  });
  t.teardown(async () => {
    for (const child of children) child.kill('SIGKILL');
    if (!t.passing()) t.comment(printed.join('').slice(-4_000));
  });
  return new BoxLink(join(folder, 'control.sock'));
}

function saysSo(t: Test, { problems }: LinkStatusBody): void {
  const said = problems.find(({ message }) => /nothing can be stored/.test(message));
  t.match(said, { code: 'stored-settings', action: /card/ });
}

t.test('a card that is gone: the box streams, its settings are in memory, and it says so', async (t) => {
  const folder = await shortFolder(t);
  await writeFile(join(folder, 'card'), ''); // a file in the way stops root too
  const names = ['control', 'media', 'egress'];
  const box = await daemons(t, { dataDirectory: join(folder, 'card', 'data'), names });
  await box.until((status) => ['media', 'egress'].every((name) => status.daemons[name]?.up), withinMs);
  await box.call('POST', '/api/v1/broadcast');
  saysSo(t, await box.until(({ broadcast }) => broadcast.state === 'live', withinMs));
  await box.call('PATCH', '/api/v1/settings', { device: { name: 'Kitchen' } });
  t.match(await box.call('GET', '/api/v1/status'), { device: { name: 'Kitchen' } });
});

const canMount = (): boolean => {
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
};
const skip = canMount() ? false : 'only root can mount';

for (const [what, make] of [
  ['read-only', (data: string) => `mount -t tmpfs -o ro none ${data}`],
  [
    'full',
    (data: string) => `mount -t tmpfs -o size=64k none ${data} && (cat /dev/zero >${data}/full || true)`,
  ],
] as const)
  t.test(`a ${what} card: control starts all the same, and says so`, { skip }, async (t) => {
    const dataDirectory = join(await shortFolder(t), 'data');
    await mkdir(dataDirectory);
    const box = await daemons(t, { dataDirectory, names: ['control'], before: make(dataDirectory) });
    saysSo(t, await box.until(() => true, withinMs));
    await box.call('POST', '/api/v1/broadcast');
  });
