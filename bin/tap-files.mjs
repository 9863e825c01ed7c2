// Runs test files, each in a process of its own, and writes their TAP as one: tap's own spawning and counting, without
// the loaders that `tap run` gives each file (its TypeScript, mocks, coverage), which cost more than most tests.
//   node bin/tap-files.mjs [--jobs=N] [--timeout=SECONDS] FILE...
import { parseArgs } from 'node:util';
import t from 'tap';

const { values, positionals: files } = parseArgs({
  options: { jobs: { type: 'string', default: '1' }, timeout: { type: 'string', default: '120' } },
  allowPositionals: true,
});
const jobs = Number(values.jobs);

t.setTimeout(0); // each file has its own
t.jobs = jobs;
for (const file of files) {
  // Through env(1): t.spawn puts a loader into NODE_OPTIONS, for this child and for all that it starts.
  const command = ['-u', 'NODE_OPTIONS', process.execPath, '--import', 'tsx', file];
  t.spawn('env', command, {
    name: file,
    at: null,
    stack: '',
    buffered: jobs > 1,
    timeout: Number(values.timeout) * 1000,
    env: { ...process.env, TAP_TIMEOUT: values.timeout },
  });
}
