import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { checkout } from '../support/command.ts';
import { WhipServer } from '../support/reference-whip-server.ts';

/** The conformance suite as it ships, on our own WHEP and on a WHIP server of its own make. */

t.setTimeout(240_000);

interface Result {
  id: string;
  section: string;
  level: string;
  requirement: string;
  outcome: 'pass' | 'fail' | 'not-applicable';
  evidence: string;
}

function conformance(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      join(checkout, 'bin/onair'),
      ['conformance', ...args],
      { timeout: 200_000 },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });
}

t.test('every MUST and SHOULD of WHEP holds on our own', async (t) => {
  const appliance = await Appliance.start({
    settings: { video: { width: 640, height: 360, framesPerSecond: 15 } },
  });
  t.teardown(() => appliance.close());
  t.equal((await appliance.onair('live')).exitCode, 0);
  const junit = join(appliance.stateDirectory, 'junit.xml');
  const url = `${await appliance.origin()}/whep`;
  const { code, stdout } = await conformance(url, '--json', '--junit', junit);
  const report = JSON.parse(stdout) as { url: string; kind: string; results: Result[] };
  t.same(Object.keys(report), ['url', 'kind', 'results']);
  t.equal(report.kind, 'whep');
  for (const result of report.results)
    t.same(Object.keys(result), ['id', 'section', 'level', 'requirement', 'outcome', 'evidence'], result.id);
  const failed = report.results.filter(({ outcome }) => outcome === 'fail');
  t.same(
    failed.map(({ id, evidence }) => `${id}: ${evidence}`),
    [],
  );
  t.equal(code, 0);
  t.ok(report.results.filter(({ outcome }) => outcome === 'pass').length > 60, 'and it did look');
  const xml = await readFile(junit, 'utf8');
  t.match(xml, /<testsuite .*failures="0"/);
  t.match(xml, /<testcase classname="whep.http"/);
});

t.test('a WHIP server that keeps to RFC 9725 passes', async (t) => {
  const server = await WhipServer.start();
  t.teardown(() => server.close());
  const { code, stdout } = await conformance(server.url, '--kind', 'whip', '--json');
  const { results } = JSON.parse(stdout) as { results: Result[] };
  const failed = results.filter(({ outcome, level }) => outcome === 'fail' && level === 'MUST');
  t.same(
    failed.map(({ id, evidence }) => `${id}: ${evidence}`),
    [],
  );
  t.equal(code, 0);
});

t.test('a server with faults fails for each of them, and the exit code says so', async (t) => {
  const server = await WhipServer.start(['content-type']);
  t.teardown(() => server.close());
  const some = 'http-post-created,http-location,http-options';
  const { code, stdout } = await conformance(server.url, '--json', '--only', some);
  t.equal(code, 1);
  const { kind, results } = JSON.parse(stdout) as { kind: string; results: Result[] };
  t.equal(kind, 'whip', 'by its address');
  t.same(
    results.map(({ id, outcome }) => [id, outcome]),
    [
      ['http-post-created', 'fail'],
      ['http-location', 'pass'],
      ['http-options', 'pass'],
    ],
  );
});

t.test('what cannot be done is said in words', async (t) => {
  for (const args of [[], ['not a URL'], ['http://127.0.0.1:9/whep', '--kind', 'rtsp']]) {
    const { code, stderr } = await conformance(...args);
    t.equal(code, 2, args.join(' '));
    t.match(stderr, /onair conformance URL/);
  }
});
