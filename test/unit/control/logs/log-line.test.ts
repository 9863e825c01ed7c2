import t from 'tap';
import { readEntry } from '#control/logs/journal.ts';
import { readLogLine } from '#control/logs/log-line.ts';

t.test('lines for people', async (t) => {
  const by = { daemon: 'media', at: '2026-01-02T03:04:05.000Z' };
  const shown = (line: object) => readLogLine(JSON.stringify(line), by);
  t.same(
    shown({
      level: 50,
      time: by.at,
      pid: 1,
      name: 'media',
      msg: 'fell',
      err: { message: 'why', stack: 'at …' },
    }),
    {
      ...by,
      level: 'error',
      message: 'fell (why)',
    },
  );
  t.match(shown({ level: 30, msg: 'joined', daemon: 'panel', at: { x: 1 } }), {
    message: 'joined daemon=panel at={"x":1}',
  });
  t.match(
    [10, 20, 30, 40, 50, 60].map((level) => shown({ level }).level),
    ['debug', 'debug', 'info', 'warn', 'error', 'fatal'],
  );
  t.match(readLogLine('{"torn', by), { message: '{"torn', level: 'info' });
  t.match(readLogLine('a\u001b[31mred\u0007\nb', by), { message: 'a [31mred b' });
  t.equal(readLogLine('x'.repeat(10_000), by).message.length, 2_001);
  t.match(shown({ level: 30, time: 'yesterday', msg: 7 }), { at: by.at, message: '' });
});

t.test('entries of the journal', async (t) => {
  const entry = {
    __REALTIME_TIMESTAMP: '1767323045000000',
    _SYSTEMD_UNIT: 'onair-media.service',
    PRIORITY: '3',
  };
  t.match(readEntry(JSON.stringify({ ...entry, MESSAGE: 'words' })), {
    at: '2026-01-02T03:04:05.000Z',
    daemon: 'media',
    level: 'error',
    message: 'words',
  });
  const bytes = [...Buffer.from('böse')];
  t.match(readEntry(JSON.stringify({ ...entry, MESSAGE: bytes })), { message: 'böse' });
  t.match(readEntry(JSON.stringify({ ...entry, MESSAGE: null })), { message: '' });
  const ofSystemd = {
    ...entry,
    _SYSTEMD_UNIT: 'init.scope',
    UNIT: 'onair-egress.service',
    MESSAGE: 'Started.',
  };
  t.match(readEntry(JSON.stringify(ofSystemd)), { daemon: 'egress', message: 'Started.' });
  const others = [
    '',
    '{',
    '7',
    '{}',
    JSON.stringify({ ...entry, _SYSTEMD_UNIT: 'ssh.service', MESSAGE: 'no' }),
  ];
  for (const other of others) t.equal(readEntry(other), null, other);
});
