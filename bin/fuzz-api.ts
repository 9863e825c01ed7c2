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

/** What the run leaves out, and why. */
const leftOut: Record<string, readonly string[] | 'all'> = {
  '/api/v1/restart': 'all', // ends the run
  '/api/v1/operators/{operator}': ['delete'], // takes away the run's own token
  '/api/v1/events': ['get'], // goes on for ever
  '/api/v1/pairing': ['post'], // waits 30 s for a press
  '/api/v1/wifi/join': ['post'], // waits for a network
  // Bodies of SDP, which schemathesis cannot write, and which have fuzzers and a conformance suite of their own.
  '/whep': ['post'],
  '/whep/{session}': ['patch'],
  '/whip': ['post'],
  '/whip/{session}': ['patch'],
};
/** Parameters with which an answer does not end. */
const endlessParameters: Record<string, string> = { '/api/v1/logs': 'follow' };
/** A full house and a missing part are answers, not faults. */
const expected = `
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "503"]
`;
/** schemathesis also tries methods that a path does not have: not those that were left out. */
const config = Object.entries(leftOut).reduce((text, [path, without]) => {
  const others = ['get', 'put', 'post', 'delete', 'patch', 'trace'].filter(
    (method) => !without.includes(method),
  );
  return `${text}
[[operations]]
include-path = "${path}"
phases.coverage.unexpected-methods = ${JSON.stringify(others)}
`;
}, expected);

interface Operation {
  responses: Record<string, unknown>;
  parameters?: { name: string }[];
}
interface Description {
  paths: Record<string, Record<string, Operation>>;
}

/** As served, but that only the answers it names are right: `default` would let everything through. */
function strict({ paths, ...rest }: Description): Description {
  const kept: Description['paths'] = {};
  for (const [path, operations] of Object.entries(paths)) {
    const without = leftOut[path] ?? [];
    if (without === 'all') continue;
    kept[path] = Object.fromEntries(
      Object.entries(operations)
        .filter(([method]) => !without.includes(method))
        .map(([method, operation]) => [method, strictOperation(path, operation)]),
    );
  }
  for (const path of [...Object.keys(leftOut), ...Object.keys(endlessParameters)])
    if (!(path in paths)) throw new Error(`${path} is not in the description any more`);
  return { ...rest, paths: kept };
}

function strictOperation(path: string, { responses, parameters, ...operation }: Operation): Operation {
  const { default: _, ...named } = responses;
  const ending = parameters?.filter(({ name }) => name !== endlessParameters[path]);
  return { ...operation, responses: named, ...(ending ? { parameters: ending } : {}) };
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
