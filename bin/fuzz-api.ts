// Lets schemathesis try the HTTP API of a demo against its own description: no 5xx but what is documented, no answer that
// the description does not know.
//   node --import tsx bin/fuzz-api.ts [SECONDS] [ARGUMENT OF schemathesis…]
// schemathesis lives in a virtual environment in the user's cache, made at the first run.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Appliance } from '../test/support/appliance.ts';

const [seconds = '300', ...further] = process.argv.slice(2);
const environment = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'onair', 'schemathesis');
const program = join(environment, 'bin', 'schemathesis');

/** They end the run, its token, or do not end themselves. */
const leftOut = [
  '/api/v1/restart',
  '/api/v1/operators/{operator}',
  '/api/v1/events',
  '/api/v1/logs',
  // Texts that are no JSON, which have fuzzers of their own.
  '/whep',
  '/whep/{session}',
  '/api/v1/pairing',
  '/api/v1/wifi/join',
];
/** A full house and a missing part are answers, not faults. */
const config = `
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "503"]
`;

interface Description {
  paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
}

/** As served, but that only the answers it names are right: `default` would let everything through. */
function strict(description: Description): Description {
  for (const path of leftOut) delete description.paths[path];
  for (const operations of Object.values(description.paths))
    for (const { responses } of Object.values(operations)) delete responses.default;
  return description;
}

if (!existsSync(program)) {
  for (const [command, ...args] of [
    ['python3', '-m', 'venv', environment],
    [join(environment, 'bin', 'pip'), 'install', '--quiet', 'schemathesis>=4,<5'],
  ] as [string, ...string[]][]) {
    const { status } = spawnSync(command, args, { stdio: 'inherit' });
    if (status !== 0) throw new Error(`${command} ended with ${status}: schemathesis cannot be installed`);
  }
}
const appliance = await Appliance.start({ settings: { video: { width: 320, height: 180 } } });
const folder = await mkdtemp(join(tmpdir(), 'onair-fuzz-'));
try {
  const origin = await appliance.origin();
  const { code } = (await appliance.call('POST', '/api/v1/pairing/code')) as { code: string };
  const paired = await fetch(`${origin}/api/v1/pairing`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, as: 'token', name: 'schemathesis' }),
  });
  const { token } = (await paired.json()) as { token: string };
  const description = (await (await fetch(`${origin}/api/openapi.json`)).json()) as Description;
  await writeFile(join(folder, 'openapi.json'), JSON.stringify(strict(description)));
  await writeFile(join(folder, 'schemathesis.toml'), config);
  const checks = [
    'not_a_server_error',
    'status_code_conformance',
    'content_type_conformance',
    'response_headers_conformance',
    'response_schema_conformance',
  ];
  const child = spawn(
    program,
    [
      ...['--config-file', join(folder, 'schemathesis.toml'), 'run', join(folder, 'openapi.json')],
      ...['--url', origin, '--header', `Authorization: Bearer ${token}`, '--max-time', seconds],
      ...['--phases', 'examples,coverage,fuzzing,stateful', '--checks', checks.join(',')],
      ...['--request-timeout', '20', '--continue-on-failure', ...further],
    ],
    { stdio: 'inherit', cwd: folder },
  );
  const [exitCode] = (await once(child, 'exit')) as [number | null];
  process.exitCode = exitCode ?? 1;
  const { daemons } = await appliance.status();
  if (Object.values(daemons).some(({ up }) => !up)) {
    console.error('a service is away:', daemons);
    process.exitCode = 1;
  }
} finally {
  await appliance.close();
  await rm(folder, { recursive: true, force: true });
}
