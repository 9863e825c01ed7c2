import { once } from 'node:events';
import { cp, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { ask } from '../support/ask.ts';
import { BareControl } from '../support/bare-control.ts';
import { checkout } from '../support/command.ts';
import { shortFolder } from '../support/short-folder.ts';

t.setTimeout(240_000);
const withinMs = 30_000;

t.test('a page file that is gone costs its request and nothing else', async (t) => {
  const copy = await shortFolder(t);
  await mkdir(copy, { recursive: true });
  for (const name of ['dist', 'package.json', 'firmware'])
    await cp(join(checkout, name), join(copy, name), {
      recursive: true,
      filter: (path) => !/dist\/(image|package|screenshots)$/.test(path),
    });
  await symlink(join(checkout, 'node_modules'), join(copy, 'node_modules'));
  const control = await BareControl.make(t);
  control.start({}, [], copy);
  const { ports } = await control.box.until((status) => status.ports.http !== null, withinMs);
  const origin = `http://127.0.0.1:${ports.http}`;
  const assets = (await readdir(join(copy, 'dist/web-ui/assets'))).filter((name) => name.endsWith('.js'));
  await rm(join(copy, 'dist/web-ui/assets'), { recursive: true });
  const [asset] = assets;
  t.match(await ask('GET', `${origin}/assets/${asset}`), { status: 404, json: { code: 'not-found' } });
  t.match(await ask('GET', `${origin}/`), { status: 200 });
  const { daemons } = await control.box.until(() => true, withinMs);
  t.equal(daemons.control?.pid, control.pid, 'the same process');
  t.notMatch(control.printed, /this daemon restarts/);
});

t.test('without a file descriptor left, control answers again once there are some', async (t) => {
  const control = await BareControl.make(t);
  const limited = ['bash', '-c', 'ulimit -n 96 && exec "$@"', 'bash'];
  control.start({}, limited);
  const { ports } = await control.box.until((status) => status.ports.http !== null, withinMs);
  const origin = `http://127.0.0.1:${ports.http}`;
  const held = Array.from({ length: 120 }, () => {
    const listening = request(`${origin}/api/v1/events`, { agent: false });
    listening.on('error', () => {});
    listening.end();
    return listening;
  });
  t.teardown(() => {
    for (const each of held) each.destroy();
  });
  // Some of them find no room; the page is asked for meanwhile, by one that may not be served either.
  await Promise.any(held.slice(0, 10).map((each) => once(each, 'response')));
  const page = request(`${origin}/`, { agent: false, timeout: 2_000 });
  page.on('error', () => {});
  page.on('timeout', () => page.destroy());
  page.end();
  await new Promise((resolve) => page.on('close', resolve));
  for (const each of held) each.destroy();
  const { daemons } = await control.box.until(() => true, withinMs);
  t.equal(daemons.control?.pid, control.pid, 'the same process');
  const deadlineMs = Date.now() + withinMs;
  const answered = async (): Promise<number> =>
    await ask('GET', `${origin}/`).then(
      ({ status }) => status,
      (error) => {
        if (Date.now() > deadlineMs) throw error;
        return answered(); // it is still letting go of what was held
      },
    );
  t.equal(await answered(), 200);
  t.notMatch(control.printed, /this daemon restarts/);
});
