import { execFile } from 'node:child_process';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import t, { type Test } from 'tap';
import { SettingsStore } from '#control/settings/settings-store.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { systemClock as clock } from '#core/runtime/system-clock.ts';
import { checkout } from '../support/command.ts';

t.setTimeout(240_000);
const run = promisify(execFile);

/**
 * What a write consists of, and how each machine calls it; also what follows each call, since libuv writes to say that
 * one is done.
 */
const calls = {
  write: 'write',
  sync: 'fsync,?fdatasync',
  rename: '?rename,?renameat,?renameat2',
  copy: '?copy_file_range,?sendfile',
  truncate: 'ftruncate',
  mode: 'fchmod',
  folder: '?mkdir,?mkdirat',
};
type Call = keyof typeof calls;
const failing: readonly Call[] = ['sync', 'rename', 'mode'];
const before = 50;
const after = 51;

const strace = await run('strace', ['-qq', '-o', '/dev/null', 'true']).then(
  () => true,
  () => false,
);
const options = strace ? {} : { skip: 'strace is not here, or may not look into processes' };

/** The writer as one file that starts fast. */
async function bundled(t: Test): Promise<string> {
  const outfile = join(t.testdir(), 'writer.mjs');
  await build({
    entryPoints: [join(checkout, 'test/support/settings-writer.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'], // jsonc-parser's other form loads its parts at run time
    logLevel: 'error',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
    },
  });
  return outfile;
}

async function opened(path: string): Promise<SettingsStore> {
  const store = new SettingsStore({ path, clock, logger: createLogger('test', 'silent') });
  await store.start();
  return store;
}

/** A box whose settings were changed and acknowledged twice, so that there is a backup. */
async function prepared(folder: string): Promise<{ path: string; deviceId: string }> {
  await mkdir(folder);
  const path = join(folder, 'settings.json');
  const store = await opened(path);
  await store.patch({ viewing: { access: 'pin', pin: '4711' } });
  await store.patch({ viewing: { maxViewers: before } });
  return { path, deviceId: store.current.device.id };
}

/** Runs the writer with a fault at the Nth of one call; one thread does all file work, so that they have an order. */
async function write(options: { writer: string; path: string; folder: string; call: Call; fault: string }) {
  const { writer, path, folder, call, fault } = options;
  const set = calls[call];
  const inject = ['-o', join(folder, 'calls'), '-e', `trace=${set}`, '-e', `inject=${set}:${fault}`];
  const node = [process.execPath, '--v8-pool-size=0', writer, path, String(after)];
  return await new Promise<{ said: string; wasKilled: boolean }>((resolve) => {
    execFile(
      'env', // the test runner gives each child of Node its own NODE_OPTIONS, and so threads of its own
      ['-u', 'NODE_OPTIONS', 'UV_THREADPOOL_SIZE=1', 'strace', '-f', '-qq', ...inject, ...node],
      { timeout: 60_000 },
      (error, stdout) => resolve({ said: stdout, wasKilled: error !== null }),
    );
  });
}

/** Everything that was acknowledged is there, and the next change works. */
async function check(t: Test, what: string, path: string, deviceId: string, said: string): Promise<void> {
  t.equal((await stat(path)).mode & 0o777, 0o600, `${what}: for its owner only`);
  const store = await opened(path);
  const { device, viewing } = store.current;
  const kept = viewing.maxViewers === after || (viewing.maxViewers === before && !/acknowledged/.test(said));
  t.ok(kept, `${what}: ${viewing.maxViewers} is there, and it had said: ${said.trim().replace('\n', ', ')}`);
  t.match({ device, viewing }, { device: { id: deviceId }, viewing: { access: 'pin', pin: '4711' } });
  await store.patch({ viewing: { maxViewers: 52 } });
  t.equal((await opened(path)).current.viewing.maxViewers, 52, `${what}: and the next change is kept`);
}

t.test('killed at each system call of a write, no acknowledged setting is lost', options, async (t) => {
  const writer = await bundled(t);
  const killed: Call[] = [];
  for (const call of Object.keys(calls) as Call[]) {
    // The first write is Node's own, at its start.
    for (let nth = call === 'write' ? 2 : 1; ; nth += 1) {
      const folder = join(t.testdirName, `${call}-${nth}`);
      const { path, deviceId } = await prepared(folder);
      const fault = `signal=SIGKILL:when=${nth}`;
      const { said, wasKilled } = await write({ writer, path, folder, call, fault });
      await check(t, `${call} ${nth}`, path, deviceId, said);
      if (!wasKilled) break;
      if (/opened/.test(said)) killed.push(call);
    }
  }
  const count = (call: Call): number => killed.filter((one) => one === call).length;
  t.comment(`killed ${killed.length} times`);
  t.ok(count('write') >= 15, 'after each call');
  t.ok(count('sync') >= 3, 'before each sync: of the new file, of the backup, of the folder');
  t.ok(count('rename') >= 2, 'before each rename');
});

t.test(
  'a card that fails at any system call of a write: refused, and nothing is lost',
  options,
  async (t) => {
    const writer = await bundled(t);
    const refused: Call[] = [];
    for (const call of failing) {
      for (let nth = 1; nth <= 3; nth += 1) {
        const folder = join(t.testdirName, `failed-${call}-${nth}`);
        const { path, deviceId } = await prepared(folder);
        const { said } = await write({ writer, path, folder, call, fault: `error=EIO:when=${nth}` });
        await check(t, `${call} ${nth}`, path, deviceId, said);
        if (!/refused/.test(said)) break;
        refused.push(call);
      }
    }
    t.same(refused, ['sync', 'sync', 'sync', 'rename', 'rename', 'mode']);
  },
);
