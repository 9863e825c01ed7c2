import { mkdir, writeFile } from 'node:fs/promises';
import { globalAgent } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { cliErrorOf } from '#cli/cli-error.ts';
import { press } from '#cli/commands/press.ts';
import { demoDirectory, findPaths } from '#cli/state-directory.ts';
import { VirtualBoard } from '#core/hardware/virtual-board.ts';
import { ApiClient } from '#core/protocol/client.ts';
import { endpoint } from '#core/protocol/endpoint.ts';
import type { LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import { linkTransport } from '#core/runtime/link-transport.ts';
import { pathsFrom } from '#core/runtime/paths.ts';
import { fakeBox, json, linkStatus } from '#test/support/fake-box.ts';
import { shell } from '#test/support/shell.ts';
import { shortFolder } from '#test/support/short-folder.ts';

t.setTimeout(20_000);

const declared = { who: 'everybody', summary: '', tag: '' } as const;
const at = <const Path extends string>(path: Path) =>
  endpoint({ ...declared, method: 'GET', path, answers: { 200: z.unknown() } });
const post = <const Path extends string>(path: Path) =>
  endpoint({ ...declared, method: 'POST', path, body: z.unknown(), answers: { 200: z.unknown() } });
const item = z.object({ n: z.number() });
const stream = <const Path extends string>(path: Path) =>
  endpoint({ ...declared, method: 'GET', path, answers: { 200: { type: 'text/plain', data: item } } });

/** The same failure as the command ends with it. */
const ended = <Result>(work: Promise<Result>, runtimeDirectory = '/run/onair') =>
  work.catch((error) => {
    throw cliErrorOf(error, { runtimeDirectory });
  });

const event = (status: unknown): string => `event: status\ndata: ${JSON.stringify(status)}\n\n`;

t.test('an answer is its body; a refusal is its title and what to do', async (t) => {
  const { api, asked } = await fakeBox(t, {
    'GET /ok': json(200, { ok: true }),
    'POST /ok': json(202, null),
    'GET /problem': json(503, { code: 'full', title: 'No place.', action: 'Wait.' }),
    'GET /odd': (_, response) => void response.writeHead(500).end('<html>'),
    'GET /nonsense': (_, response) => void response.end('{"half":'),
  });
  t.same(await api.call(at('/ok')), { ok: true });
  await api.call(post('/ok'), { body: { a: 1 } });
  t.same(asked.at(-1), { request: 'POST /ok', body: '{"a":1}' });
  await t.rejects(ended(api.call(at('/problem'))), { exitCode: 1, message: 'No place. Wait.' });
  await t.rejects(ended(api.call(at('/odd'))), { exitCode: 1, message: 'The box answered 500.' });
  t.equal(await api.call(at('/nonsense')), null);
});

t.test('nothing running is 3, everything else that breaks is 1', async (t) => {
  const folder = await shortFolder(t);
  const api = new ApiClient<'operator'>(linkTransport(pathsFrom({ ONAIR_STATE: folder }).controlSocket));
  const away = { exitCode: 3, message: new RegExp(`No Onair is running in ${folder}.*onair demo.*--state`) };
  await t.rejects(ended(api.call(at('/x')), folder), away);
  const following = api.follow(
    stream('/x'),
    () => {},
    () => t.fail('there was nothing to end'),
  );
  await t.rejects(ended(following, folder), away);
  const leftover = createServer().listen(join(folder, 'control.sock'));
  await new Promise((resolve) => leftover.once('listening', resolve));
  leftover.on('connection', (socket) => socket.destroy());
  await t.rejects(ended(api.call(at('/x'))), { exitCode: 1, message: /link to the box broke/ });
  await new Promise((resolve) => leftover.close(resolve));
  await writeFile(join(folder, 'control.sock'), 'no socket');
  await t.rejects(ended(api.call(at('/x')), folder), away);
});

t.test('a box may take its time, and what it streams may be silent', async (t) => {
  const slowMs = 300;
  const { options } = globalAgent as unknown as { options: { timeout: number | undefined } };
  const before = options.timeout;
  options.timeout = slowMs / 10; // Node.js's own is five seconds
  t.teardown(() => {
    options.timeout = before;
  });
  const { api } = await fakeBox(t, {
    'POST /slow': (_, response) => void setTimeout(() => response.end('{"ok":true}'), slowMs),
    'GET /lines': (_, response) => {
      response.write('{"n":1}\n');
      setTimeout(() => response.end('{"n":2}\n'), slowMs);
    },
  });
  t.same(await api.call(post('/slow'), {}), { ok: true });
  await t.rejects(api.call(post('/slow'), { timeoutMs: slowMs / 3 }), { message: /does not answer/ });
  const lines: number[] = [];
  await api.lines(stream('/lines'), {}, ({ n }) => lines.push(n));
  t.same(lines, [1, 2]);
});

t.test('a box that dies in the middle of an answer is said, and waited for no longer', async (t) => {
  const { api } = await fakeBox(t, {
    'GET /half': (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"half":');
      setImmediate(() => response.destroy());
    },
  });
  await t.rejects(ended(api.call(at('/half'))), { exitCode: 1, message: /went away in the middle/ });
});

t.test('events are followed as they come, whatever their pieces, until one has seen enough', async (t) => {
  const pieces = [
    ': still here\n\n',
    event({ n: 1 }),
    event({ n: 2 }).slice(0, 20),
    event({ n: 2 }).slice(20),
  ];
  const { api, left } = await fakeBox(t, {
    'GET /events': (_, response) => {
      response.writeHead(200);
      for (const piece of [...pieces, 'data: {broken\n\n', event({ n: 3 })]) response.write(piece);
    },
    'GET /full': json(503, { title: 'Too many listen.' }),
  });
  const seen: unknown[] = [];
  await new Promise<void>((resolve) => {
    const following = api.follow(
      stream('/events'),
      (data) => {
        seen.push(data);
        if (data.n === 3) void following.then((end) => end()).then(resolve);
      },
      () => {},
    );
  });
  t.same(seen, [{ n: 1 }, { n: 2 }, { n: 3 }]);
  await left();
  const following = api.follow(
    stream('/full'),
    () => {},
    () => t.fail('it had not begun'),
  );
  await t.rejects(ended(following), { exitCode: 1, message: 'Too many listen.' });
});

/** A box whose status goes through these, one after the other. */
function boxThatSays(statuses: LinkStatusBody[], { ends = false } = {}) {
  return {
    'POST /api/v1/broadcast': json(202, linkStatus()),
    'DELETE /api/v1/broadcast': json(202, linkStatus()),
    'GET /api/v1/events': (_: unknown, response: import('node:http').ServerResponse) => {
      response.writeHead(200);
      for (const status of statuses) response.write(event(status));
      if (ends) response.end();
    },
  };
}

t.test(
  'live and stop return once it is so, also where it is so at once, and leave nothing open',
  async (t) => {
    const reason = { code: 'no-camera', message: 'There is no camera.', action: 'Plug one in.' };
    const starting = linkStatus({ state: 'starting' });
    const run = (name: string, { paths }: Awaited<ReturnType<typeof fakeBox>>) =>
      shell([name, '--state', paths.runtimeDirectory]);
    const live = await fakeBox(t, boxThatSays([starting, linkStatus({ state: 'live' })]));
    t.match(await run('live', live), { exitCode: 0, stdout: /^Live\. Watch at http/ });
    await live.left();
    const offline = await fakeBox(t, boxThatSays([linkStatus()]));
    t.match(await run('stop', offline), { exitCode: 0, stdout: 'Stopped.' });
    await offline.left();
    const failed = await fakeBox(t, boxThatSays([starting, linkStatus({ state: 'failed', reason })]));
    t.match(await run('live', failed), {
      exitCode: 1,
      stderr: 'onair: There is no camera. Plug one in.',
    });
    await failed.left();
    const dies = await fakeBox(t, boxThatSays([starting], { ends: true }));
    t.match(await run('live', dies), { exitCode: 1, stderr: /went away/ });
    const refuses = await fakeBox(t, { 'POST /api/v1/broadcast': json(401, { title: 'No.' }) });
    t.match(await run('live', refuses), { exitCode: 1, stderr: 'onair: No.' });
  },
);

t.test('a press moves the button down and up; without a board it is 3, with one that dies 1', async (t) => {
  const paths = pathsFrom({ ONAIR_STATE: await shortFolder(t) });
  await t.rejects(press(paths, { long: false }), { exitCode: 3, message: /No virtual board/ });
  const board = new VirtualBoard({ socketPath: paths.boardSocket });
  t.teardown(() => board.close());
  const levels: boolean[] = [];
  await board.start((pressed) => void levels.push(pressed));
  t.match(await shell(['press', '--state', paths.runtimeDirectory]), { exitCode: 0, stdout: 'Pressed.' });
  t.same(levels, [false, true, false]);

  const dying = pathsFrom({ ONAIR_STATE: await shortFolder(t) });
  const server = createServer((socket) => {
    socket.once('data', () => socket.end('{"done":{"button":"down"}}\n'));
  });
  await new Promise<void>((resolve) => server.listen(dying.boardSocket, resolve));
  t.teardown(() => server.close());
  await t.rejects(press(dying, { long: false }), { exitCode: 1, message: /board went away/ });
});

t.test('which running appliance is meant: --state, ONAIR_STATE, the box, the demo', async (t) => {
  const folder = t.testdir();
  await mkdir(join(folder, 'x'));
  const environment = { HOME: folder, XDG_STATE_HOME: join(folder, 'x') };
  t.equal(findPaths(folder, { ...environment, ONAIR_STATE: '/other' }).runtimeDirectory, folder);
  t.equal(findPaths('a/b', environment).controlSocket, join(process.cwd(), 'a/b', 'control.sock'));
  t.equal(findPaths(undefined, { ...environment, ONAIR_STATE: '/other' }).boardSocket, '/other/board.sock');
  t.equal(demoDirectory(environment), join(folder, 'x', 'onair-demo'));
  const found = findPaths(undefined, environment).runtimeDirectory;
  t.ok(['/run/onair', join(folder, 'x', 'onair-demo')].includes(found));
  t.match(pathsFrom({ ONAIR_STATE: '/a', ONAIR_DATA: '/b' }), {
    runtimeDirectory: '/a',
    dataDirectory: '/b',
  });
  t.match(pathsFrom({}), { runtimeDirectory: '/run/onair', dataDirectory: '/var/lib/onair' });
});
