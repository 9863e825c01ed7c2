import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { MdnsAdvertiser } from '#control/network/mdns-advertiser.ts';
import type { Problem } from '#core/domain/problem.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

const logger = createLogger('test', 'silent');
const wanted = { name: 'Kitchen', port: 80, txt: { path: '/' } };

t.test('a process that ends again and again is told, until it works', async (t) => {
  const program = join(t.testdir(), 'advertiser.mjs');
  await writeFile(program, 'process.exit(7)');
  const clock = new DrivenClock();
  const mdns = new MdnsAdvertiser({ program, clock, logger });
  t.teardown(() => mdns.close());
  const told: (Problem | null)[] = [];
  mdns.events.on('problemChanged', ({ problem }) => told.push(problem));
  const problem = new Promise<void>((resolve) => mdns.events.on('problemChanged', () => resolve()));
  const registered = new Promise<void>((resolve) => mdns.events.on('registered', () => resolve()));
  mdns.advertise(wanted);
  // Each time the clock has somebody waiting, the process has fallen.
  const drive = setInterval(() => clock.timers > 0 && clock.advance(1_000), 10);
  t.teardown(() => clearInterval(drive));
  await problem;
  t.match(told, [{ code: 'mdns-failed', message: /exit code 7/ }]);
  await writeFile(
    program,
    "process.send({ known: 'Kitchen' }); process.on('disconnect', () => process.exit())",
  );
  await registered;
  t.equal(mdns.registered, 'Kitchen');
  t.same(told.slice(1), [null]);
});
