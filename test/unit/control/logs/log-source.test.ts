import { appendFile, chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { logRoutes } from '#control/api/log-routes.ts';
import { Journal } from '#control/logs/journal.ts';
import { LogFiles } from '#control/logs/log-files.ts';
import type { LogSource } from '#control/logs/log-source.ts';
import type { LogLine } from '#core/protocol/endpoints/care.ts';
import { systemClock } from '#core/runtime/system-clock.ts';
import { ask } from '#test/support/ask.ts';
import { webServer } from '#test/support/web-server.ts';

t.setTimeout(30_000);

interface Said {
  daemon: string;
  atMs: number;
  text: string;
}

const pinoLine = (atMs: number, msg: string): string =>
  JSON.stringify({ level: 30, time: new Date(atMs).toISOString(), pid: 7, name: 'x', msg });
const startMs = Date.UTC(2026, 0, 2, 3, 4, 5);
const said: Said[] = [
  { daemon: 'media', atMs: startMs, text: pinoLine(startMs, 'first') },
  { daemon: 'control', atMs: startMs + 1, text: pinoLine(startMs + 1, 'second') },
  { daemon: 'media', atMs: startMs + 2, text: pinoLine(startMs + 2, 'third') },
  { daemon: 'media', atMs: startMs + 2, text: 'words of a library' },
  { daemon: 'media', atMs: startMs + 3, text: pinoLine(startMs + 3, 'fourth') },
];

/** The log files of a demo. */
async function files(t: Test) {
  const directory = t.testdir();
  const say = ({ daemon, text }: Said) => appendFile(join(directory, `${daemon}.log`), `${text}\n`);
  const source: LogSource = new LogFiles({ directory, clock: systemClock });
  return { source, say };
}

/** A journal: a program in journalctl's place, which keeps to its options. */
async function journal(t: Test) {
  const folder = t.testdir();
  const entries = join(folder, 'entries');
  await writeFile(entries, '');
  const command = join(folder, 'journalctl');
  await writeFile(
    command,
    `#!/bin/sh
lines=10 follow= unit=
for option do
  case $option in
    --lines=*) lines=\${option#--lines=};;
    --unit=onair-*) unit=\${option#--unit=}; unit=\${unit%.service};;
    --follow) follow=1;;
    --output=json|--no-pager) ;;
    *) exit 64;;
  esac
done
case $unit in 'onair-*') unit=onair-;; *) unit="$unit.service";; esac
now=$(wc -l < ${entries})
head -n "$now" ${entries} | grep -F "$unit" | tail -n "$lines"
[ -z "$follow" ] || exec tail -n "+$((now + 1))" -f ${entries}
`,
  );
  await chmod(command, 0o755);
  const say = ({ daemon, atMs, text }: Said) =>
    appendFile(
      entries,
      `${JSON.stringify({
        __REALTIME_TIMESTAMP: String(atMs * 1_000),
        _SYSTEMD_UNIT: `onair-${daemon}.service`,
        PRIORITY: '6',
        MESSAGE: text,
      })}\n`,
    );
  return { source: new Journal({ command }) as LogSource, say };
}

/** Collects what a source says; `until` resolves once so many lines came. */
function collect() {
  const lines: LogLine[] = [];
  let wake = (): void => {};
  const onLine = (line: LogLine): void => {
    lines.push(line);
    wake();
  };
  const until = async (count: number): Promise<void> => {
    while (lines.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { lines, onLine, until };
}

for (const [name, open] of Object.entries({ files, journal })) {
  t.test(`${name}: the latest lines in the order of time, of all or of one`, async (t) => {
    const { source, say } = await open(t);
    for (const one of said) await say(one);
    const all = await source.latest({ lines: 100, daemon: null });
    t.same(
      all.map(({ daemon, message }) => `${daemon}: ${message}`),
      ['media: first', 'control: second', 'media: third', 'media: words of a library', 'media: fourth'],
    );
    t.equal(all[0]?.at, new Date(startMs).toISOString());
    t.same((await source.latest({ lines: 2, daemon: null })).length, 2);
    t.equal((await source.latest({ lines: 1, daemon: null }))[0]?.message, 'fourth');
    const media = await source.latest({ lines: 100, daemon: 'media' });
    t.same(
      media.map(({ message }) => message),
      ['first', 'third', 'words of a library', 'fourth'],
    );
    t.same(await source.latest({ lines: 100, daemon: 'nobody' }), []);
  });

  t.test(`${name}: follows until it is ended`, async (t) => {
    const { source, say } = await open(t);
    for (const one of said) await say(one);
    const { lines, onLine, until } = collect();
    const stop = source.follow({ lines: 1, daemon: null }, onLine, () => t.fail('it ended'));
    await until(1);
    t.equal(lines[0]?.message, 'fourth');
    await say({ daemon: 'egress', atMs: startMs + 4, text: pinoLine(startMs + 4, 'new') });
    await until(2);
    t.match(lines[1], { daemon: 'egress', message: 'new' });
    stop();
    stop();
  });
}

t.test('a journal that cannot be read is said', async (t) => {
  const source = new Journal({ command: join(t.testdir(), 'missing') });
  await t.rejects(source.latest({ lines: 1, daemon: null }), { code: 'unavailable' });
  const ended = new Promise<void>((resolve) => source.follow({ lines: 1, daemon: null }, () => {}, resolve));
  await ended;
});

t.test('files: what is torn, huge or begun anew', async (t) => {
  const directory = t.testdir();
  const path = join(directory, 'media.log');
  const source = new LogFiles({ directory, clock: systemClock });
  await writeFile(path, `${'x'.repeat(2_000_000)}\n${pinoLine(startMs, 'last')}\n{"level":30,"ti`);
  const lines = await source.latest({ lines: 10, daemon: null });
  t.same(
    lines.map(({ message }) => message),
    ['last'],
    'no more than the end is read, and no line that isn’t whole',
  );
  const { lines: heard, onLine, until } = collect();
  const stop = source.follow({ lines: 1, daemon: 'media' }, onLine);
  await until(1);
  await writeFile(path, `${pinoLine(startMs + 9, 'anew')}\n`);
  await until(2);
  t.equal(heard[1]?.message, 'anew');
  stop();
  await mkdir(join(directory, 'egress.log'));
  t.equal((await source.latest({ lines: 10, daemon: null })).length, 1, 'a folder is no log');
  t.same(
    await new LogFiles({ directory: join(directory, 'nowhere'), clock: systemClock }).latest({
      lines: 1,
      daemon: null,
    }),
    [],
  );
});

t.test('over HTTP: bounded, checked, ended with the client', async (t) => {
  const stopped: true[] = [];
  let onStopped = (): void => {};
  const stop = new Promise<void>((resolve) => {
    onStopped = resolve;
  });
  let tell: (line: LogLine) => void = () => {};
  const wanted: unknown[] = [];
  const line: LogLine = { at: '2026-01-02T03:04:05.000Z', daemon: 'media', level: 'info', message: 'words' };
  const logs: LogSource = {
    latest: async (asked) => {
      wanted.push(asked);
      return [line, line];
    },
    follow: (_, onLine) => {
      tell = onLine;
      onLine(line);
      return () => {
        stopped.push(true);
        onStopped();
      };
    },
  };
  const { url } = await webServer(t, { routes: logRoutes({ logs }), authority: 'link' });
  const get = (query: string) => ask('GET', `${url}/api/v1/logs${query}`);
  const answer = await get('');
  t.match(answer, { status: 200, headers: { 'content-type': 'application/jsonl' } });
  t.equal(answer.text, `${JSON.stringify(line)}\n`.repeat(2));
  await get('?lines=7&daemon=media&follow=0');
  t.match(wanted, [
    { lines: 100, daemon: null },
    { lines: 7, daemon: 'media' },
  ]);
  const odd = [
    '?lines=0',
    '?lines=2001',
    '?lines=many',
    '?daemon=../x',
    '?daemon=a%3Brm',
    '?daemon=--x',
    '?follow=yes',
    '?since=1',
  ];
  for (const query of odd)
    t.match(await get(query), { status: 400, json: { code: 'invalid-message' } }, query);
  const { get: openStream } = await import('node:http');
  const response = await new Promise<import('node:http').IncomingMessage>((resolve) =>
    openStream(`${url}/api/v1/logs?follow=1`, resolve),
  );
  let text = '';
  const heard = (count: number) =>
    new Promise<void>((resolve) => {
      const look = (chunk: Buffer | string = ''): void => {
        text += chunk;
        if (text.split('\n').length > count) resolve();
      };
      response.on('data', look);
      look();
    });
  await heard(1);
  tell({ ...line, message: 'more' });
  await heard(2);
  t.match(text, /words.*\n.*more/);
  response.destroy();
  await stop;
  t.equal((await ask('HEAD', `${url}/api/v1/logs?follow=1`)).status, 200, 'HEAD does not hang');
});
