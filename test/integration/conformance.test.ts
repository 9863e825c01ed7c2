import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { IngestAddresses } from '#core/protocol/endpoints/ingest.ts';
import { Appliance } from '../support/appliance.ts';
import { type ConformanceResult, conformance } from '../support/conformance.ts';

/** The conformance suite as it ships, on our own WHEP and WHIP. */

t.setTimeout(500_000);

/** Control and the daemon that has the connection are killed under a session. */
async function survivesRestart(
  t: Test,
  appliance: Appliance,
  daemon: 'egress' | 'media',
  args: string[],
): Promise<void> {
  const { daemons } = await appliance.status();
  const restart = `kill -KILL ${daemons[daemon]?.pid} ${daemons.control?.pid}`;
  const only = ['--only', 'life-server-restart', '--restart-command', restart];
  const { stdout } = await conformance(...args, ...only);
  const [result] = (JSON.parse(stdout) as { results: ConformanceResult[] }).results;
  t.match(result, { outcome: 'pass', evidence: /a new one: connected/ });
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
  const report = JSON.parse(stdout) as { url: string; kind: string; results: ConformanceResult[] };
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
  t.ok(report.results.filter(({ outcome }) => outcome === 'pass').length > 95, 'and it did look');
  await survivesRestart(t, appliance, 'egress', [url, '--json']);
  const xml = await readFile(junit, 'utf8');
  t.match(xml, /<testsuite .*failures="0"/);
  t.match(xml, /<testcase classname="whep.http"/);
});

t.test('every MUST and SHOULD of WHIP holds on our own', async (t) => {
  const appliance = await Appliance.start({ settings: { ingest: { rtmpPort: 0, srtPort: 0 } } });
  t.teardown(() => appliance.close());
  const { whip } = (await appliance.call('GET', '/api/v1/ingest')) as IngestAddresses;
  const given = [whip?.url ?? '', '--json', '--token', whip?.token ?? ''];
  const { code, stdout } = await conformance(...given);
  const report = JSON.parse(stdout) as { kind: string; results: ConformanceResult[] };
  t.equal(report.kind, 'whip');
  const failed = report.results.filter(({ outcome }) => outcome === 'fail');
  t.same(
    failed.map(({ id, evidence }) => `${id}: ${evidence}`),
    [],
  );
  t.equal(code, 0);
  t.ok(report.results.filter(({ outcome }) => outcome === 'pass').length > 80, 'and it did look');
  await survivesRestart(t, appliance, 'media', given);
});
