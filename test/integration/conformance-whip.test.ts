import t from 'tap';
import { type ConformanceResult, conformance } from '../support/conformance.ts';
import { WhipServer } from '../support/reference-whip-server.ts';

/** The conformance suite as it ships, on a WHIP server of its own make. */

t.setTimeout(240_000);

t.test('a WHIP server that keeps to RFC 9725 passes', async (t) => {
  const server = await WhipServer.start();
  t.teardown(() => server.close());
  const { code, stdout } = await conformance(server.url, '--kind', 'whip', '--json');
  const { results } = JSON.parse(stdout) as { results: ConformanceResult[] };
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
  const { kind, results } = JSON.parse(stdout) as { kind: string; results: ConformanceResult[] };
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
