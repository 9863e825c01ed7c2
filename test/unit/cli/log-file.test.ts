import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { LogFile } from '../../../services/cli/demo/log-file.ts';

t.test('lines are appended', async (t) => {
  const path = join(t.testdir(), 'control.log');
  const log = new LogFile({ path, onDropped: (problem) => t.fail(problem) });
  log.write('one');
  log.write('two');
  log.close();
  log.close();
  t.equal(readFileSync(path, 'utf8'), 'one\ntwo\n');
});

t.test('a full disk drops lines, says so once, and throws nothing', async (t) => {
  const dropped: string[] = [];
  const log = new LogFile({ path: '/dev/full', onDropped: (problem) => dropped.push(problem) });
  for (let line = 0; line < 5; line += 1) log.write(`line ${line}`);
  log.close();
  t.equal(dropped.length, 1);
  t.match(dropped, [/ENOSPC/]);
});
