import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { checkout } from '#test/support/source-files.ts';

/** The addon's C++ beside Node.js: against published vectors, and under broken datagrams with AddressSanitizer. */

const run = promisify(execFile);
const sources = join(checkout, 'services/egress/native');
const tests = join(checkout, 'test/unit/egress/native');
const inputs = process.env.ONAIR_FUZZ_COUNT ?? '5000';
const seed = process.env.ONAIR_FUZZ_SEED || String(Date.now() % 1_000_000);

const folder = await mkdtemp(join(tmpdir(), 'onair-addon-'));
t.teardown(() => rm(folder, { recursive: true }));
t.setTimeout(900_000);

async function compile(name: string, parts: string[], options: string[] = []): Promise<string> {
  const program = join(folder, name);
  const files = [join(tests, `${name}.cpp`), ...parts.map((part) => join(sources, part))];
  const usual = [
    '-std=c++17',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-DOPENSSL_SUPPRESS_DEPRECATED',
    `-I${sources}`,
  ];
  await run('g++', [...usual, ...options, ...files, '-lssl', '-lcrypto', '-o', program]);
  return program;
}

t.test("SRTP and SRTCP as in libsrtp2's vectors", async (t) => {
  const program = await compile('srtp-vectors', ['srtp.cpp']);
  const { stdout } = await run(program).catch((error) => error as { stdout: string });
  for (const line of stdout.split('\n')) if (!line.startsWith('ok') && line !== '') t.fail(line);
  t.equal(stdout.match(/^ok /gm)?.length, 12);
});

t.test(`${inputs} broken datagrams (seed ${seed})`, async (t) => {
  const sanitizers = ['-g', '-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
  const program = await compile('fuzz', ['srtp.cpp', 'dtls.cpp'], sanitizers);
  const { stdout } = await run(program, [inputs, seed]);
  t.match(
    stdout,
    new RegExp(`^${inputs} inputs, [1-9]\\d* sessions \\([1-9]\\d* connected\\), [1-9]\\d* reports`),
  );
});
