import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { build } from 'esbuild';
import t, { type Test } from 'tap';
import { loadSystemAddon } from '#core/runtime/system-addon.ts';
import { SystemNotify } from '#core/runtime/system-notify.ts';
import { checkout } from '#test/support/source-files.ts';
import { buildSystemAddons } from '../../../../bin/system-addon.mjs';

/** Node.js can't receive datagrams on a Unix socket either. */
const receiver = `
import socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(chr(0) + sys.argv[1][1:] if sys.argv[1].startswith("@") else sys.argv[1])
server.setsockopt(socket.SOL_SOCKET, 16, 1)  # SO_PASSCRED: who sent it, as systemd asks
print("listening", flush=True)
while True:
    text, with_it, _, _ = server.recvmsg(4096, 128)
    pid = int.from_bytes(with_it[0][2][:4], sys.byteorder)
    print(pid, text.decode(), flush=True)
`;

const folder = await mkdtemp(join(tmpdir(), 'onair-notify-'));
t.teardown(() => rm(folder, { recursive: true }));
const [built] = await buildSystemAddons(folder);
const addon = loadSystemAddon(join(folder, 'system.node'));

/** Receives as systemd does. @returns the next line: "PID TEXT" */
async function listen(t: Test, socketPath: string): Promise<() => Promise<string>> {
  const program = join(folder, 'receiver.py');
  await writeFile(program, receiver);
  const child = spawn('python3', [program, socketPath], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const next = linesOf(createInterface({ input: child.stdout }));
  t.equal(await next(), 'listening');
  return next;
}

function linesOf(lines: Interface): () => Promise<string> {
  const iterator = lines[Symbol.asyncIterator]();
  return async () => String((await iterator.next()).value);
}

t.test('the addon says it from this very process', { skip: !built && 'no compiler here' }, async (t) => {
  for (const socketPath of [join(folder, 'notify'), `@onair-test-${process.pid}`]) {
    const next = await listen(t, socketPath);
    const environment: NodeJS.ProcessEnv = { NOTIFY_SOCKET: socketPath, WATCHDOG_USEC: '10000000' };
    const system = new SystemNotify(environment, addon);
    t.strictSame(environment, {}, 'children are not told');
    t.equal(system.watchdogIntervalMs, 5_000, 'half of what systemd waits');
    system.tell('READY=1');
    t.equal(await next(), `${process.pid} READY=1`);
    system.tell('STATUS=Küche');
    t.equal(await next(), `${process.pid} STATUS=Küche`);
  }
});

t.test('nobody listens: nothing happens', async (t) => {
  t.doesNotThrow(() => new SystemNotify({}, addon).tell('READY=1'));
  const deaf = new SystemNotify({ NOTIFY_SOCKET: join(folder, 'nobody') }, addon);
  t.doesNotThrow(() => deaf.tell('READY=1'));
  const long = new SystemNotify({ NOTIFY_SOCKET: `/${'x'.repeat(200)}` }, addon);
  t.doesNotThrow(() => long.tell('READY=1'));
  t.doesNotThrow(() =>
    new SystemNotify({ NOTIFY_SOCKET: '/nobody' }, loadSystemAddon('/no/addon.node')).tell('READY=1'),
  );
});

t.test('no watchdog where systemd names none', async (t) => {
  for (const wrong of ['', '0', '-1', 'soon'])
    t.equal(new SystemNotify({ WATCHDOG_USEC: wrong }, null).watchdogIntervalMs, null);
});

t.test(
  'a daemon says that it is well until its event loop hangs',
  {
    skip: !built && 'no compiler here',
  },
  async (t) => {
    const next = await listen(t, join(folder, 'watched'));
    const program = join(folder, 'watched.mjs');
    await build({
      entryPoints: [join(checkout, 'test/support/watched-daemon.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      banner: {
        js: "import { createRequire as requireFor } from 'node:module';const require = requireFor(import.meta.url);",
      },
    });
    const daemon = spawn(process.execPath, [program], {
      env: { ...process.env, NOTIFY_SOCKET: join(folder, 'watched'), WATCHDOG_USEC: '200000' },
      stdio: 'ignore',
    });
    t.teardown(() => daemon.kill('SIGKILL'));
    t.equal(await next(), `${daemon.pid} READY=1`);
    for (let count = 0; count < 3; count += 1) t.equal(await next(), `${daemon.pid} WATCHDOG=1`);
    daemon.kill('SIGUSR2');
    const silence = async (): Promise<string> => {
      // One may have been on its way. That no more come can only time tell: 15 times as long as between two.
      while ((await Promise.race([next(), setTimeout(1_500, 'silence')])) !== 'silence');
      return 'silence';
    };
    t.equal(
      await Promise.race([silence(), setTimeout(10_000, 'it goes on')]),
      'silence',
      'systemd would end it now',
    );
  },
);

t.test('a daemon that ends says so', { skip: !built && 'no compiler here' }, async (t) => {
  const next = await listen(t, join(folder, 'ending'));
  const daemon = spawn(process.execPath, [join(folder, 'watched.mjs')], {
    env: { ...process.env, NOTIFY_SOCKET: join(folder, 'ending') },
    stdio: 'ignore',
  });
  t.teardown(() => daemon.kill('SIGKILL'));
  t.equal(await next(), `${daemon.pid} READY=1`);
  daemon.kill('SIGTERM');
  t.equal(await next(), `${daemon.pid} STOPPING=1`);
});
