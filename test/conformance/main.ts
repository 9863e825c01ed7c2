import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Context } from './context.ts';
import { HttpClient } from './http-client.ts';
import { obstacleAt } from './reach.ts';
import { junitOf, summaryOf, tableOf } from './report.ts';
import type { Kind } from './requirement.ts';
import { fails, requirementsOf, runSuite } from './run.ts';

/** The suite as a program of its own: `onair conformance URL` runs it in a process of its own. */
const usage = `onair conformance URL [--kind whep|whip] [--token TOKEN] [--json] [--junit FILE] [--only ID,ID] [--restart-command COMMAND]
  Tries a WHEP or WHIP server against its documents. WHIP where the address ends in "whip", else WHEP.
  The token may also come in ONAIR_CONFORMANCE_TOKEN, where no list of processes shows it.
  COMMAND (for sh) restarts the server; without it nothing is said about restarts.
  Exit codes: 0 every MUST holds, 1 one does not or was not tried for want of time, 2 wrong usage or no such server.`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      kind: { type: 'string' },
      token: { type: 'string' },
      json: { type: 'boolean' },
      junit: { type: 'string' },
      only: { type: 'string' },
      'restart-command': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [address] = positionals;
  if (values.help || address === undefined || positionals.length > 1) {
    console.error(usage);
    return values.help ? 0 : 2;
  }
  const url = urlOf(address);
  const kind = kindOf(values.kind, url);
  if (url === null || kind === null) {
    console.error(usage);
    return 2;
  }
  const token = values.token || process.env.ONAIR_CONFORMANCE_TOKEN || null;
  const only = values.only?.split(',');
  const unknown =
    only?.filter((id) => !requirementsOf(kind).some((requirement) => requirement.id === id)) ?? [];
  if (unknown.length > 0) {
    console.error(`onair conformance: ${kind.toUpperCase()} has no requirement ${unknown.join(', ')}`);
    return 2;
  }
  const startedAtMs = performance.now();
  const obstacle = await obstacleAt(new Context({ url, kind, http: new HttpClient(token) }));
  if (obstacle !== null) {
    console.error(`onair conformance: ${obstacle}`);
    return 2;
  }
  const total = only?.length ?? requirementsOf(kind).length;
  let done = 0;
  const report = await runSuite({
    url,
    kind,
    token,
    restartCommand: values['restart-command'] ?? null,
    startedAtMs,
    ...(only ? { only } : {}),
    onResult: ({ id, outcome }) => {
      done += 1;
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${done}/${total} ${id}: ${outcome}`);
    },
  });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  console.log(values.json ? JSON.stringify(report, null, 2) : tableOf(report));
  if (values.json) console.error(summaryOf(report.results));
  if (values.junit) await writeFile(values.junit, junitOf(report));
  return fails(report) ? 1 : 0;
}

function urlOf(text: string): string | null {
  try {
    const url = new URL(text);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
  } catch {
    return null;
  }
}

function kindOf(named: string | undefined, url: string | null): Kind | null {
  if (named === 'whep' || named === 'whip') return named;
  if (named !== undefined || url === null) return null;
  return /whip\/?$/.test(new URL(url).pathname) ? 'whip' : 'whep';
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`onair conformance: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 2;
}
process.exit(); // native clients keep threads
