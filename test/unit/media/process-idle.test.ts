import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { busyMs, whenIdle } from '../../../services/media/process-idle.ts';

/** Works without end, and says once that it has done so for 1.5 s. */
const work = `for (let told = false;;) if (!told && process.cpuUsage().user > 1.5e6) {
  told = true;
  require('fs').writeSync(1, 'worked\\n');
}`;

/** Runs in a circle, or only waits; it says once that it does. */
async function startChild(t: Test, busy: boolean): Promise<ChildProcess> {
  const script = `process.stdout.write('on\\n'); ${busy ? work : 'setInterval(() => {}, 1e9);'}`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
  return child;
}

const idle = (child: ChildProcess, atMostMs = 60_000) =>
  new Promise<void>((resolve) => whenIdle(child.pid, { atMostMs }, resolve));

t.test('a process that waits has nothing to do', async (t) => {
  await idle(await startChild(t, false));
});

t.test('one that works is waited for, until it hangs', async (t) => {
  const child = await startChild(t, true);
  let isIdle = false;
  const ended = idle(child).then(() => {
    isIdle = true;
  });
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
  t.notOk(isIdle, 'after a second and a half of work');
  child.kill('SIGSTOP');
  await ended;
  t.equal(busyMs(child.pid), null, 'it is stopped');
});

t.test('one that works in a circle is not waited for without end', async (t) => {
  await idle(await startChild(t, true), 600);
});

t.test('one that has gone, or never was, is idle at once', async (t) => {
  const child = await startChild(t, false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await idle(child);
  await new Promise<void>((resolve) => whenIdle(undefined, { atMostMs: 60_000 }, resolve));
});
