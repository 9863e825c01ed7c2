import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { type ConformanceResult, conformance } from '../support/conformance.ts';
import { WhipServer } from '../support/reference-whip-server.ts';

/** The conformance suite as it ships, on a WHIP server of its own make. */

t.setTimeout(240_000);

t.test('a WHIP server that keeps to RFC 9725 passes, but for what its library does not know', async (t) => {
  const server = await WhipServer.start();
  t.teardown(() => server.close());
  const { code, stdout } = await conformance(server.url, '--kind', 'whip', '--json');
  const { results } = JSON.parse(stdout) as { results: ConformanceResult[] };
  const failed = results.filter(({ outcome, level }) => outcome === 'fail' && level === 'MUST');
  // Of several fingerprints libdatachannel looks at one.
  t.same(
    failed.map(({ id }) => id),
    ['dtls-two-fingerprints'],
    failed.map(({ id, evidence }) => `${id}: ${evidence}`).join('\n'),
  );
  t.equal(code, 1);
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

t.test('where there is no such server it is one sentence, not a hundred failures', async (t) => {
  const server = createServer((request, response) => {
    response.statusCode = { '/closed/whep': 401, '/page': 200 }[request.url ?? ''] ?? 404;
    response.end(request.url === '/page' ? '<html></html>' : '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const table: [string, RegExp][] = [
    ['http://127.0.0.1:9/whep', /no answer from .*ECONNREFUSED/],
    [`${origin}/whep`, /is not there, or nothing is published to it: 404/],
    [`${origin}/closed/whep`, /needs a token/],
    [`${origin}/page`, /is no WHEP endpoint: a POST of an offer is answered 200/],
  ];
  for (const [url, words] of table) {
    const { code, stdout, stderr } = await conformance(url);
    t.equal(code, 2, url);
    t.equal(stdout, '');
    t.match(stderr, words);
  }
});

t.test('a redirect to the server is followed, as clients have to', async (t) => {
  const server = await WhipServer.start();
  t.teardown(() => server.close());
  const balancer = createServer((_, response) => response.writeHead(307, { location: server.url }).end());
  balancer.listen(0, '127.0.0.1');
  await once(balancer, 'listening');
  t.teardown(() => balancer.close());
  const url = `http://127.0.0.1:${(balancer.address() as AddressInfo).port}/whip`;
  const { code, stdout } = await conformance(
    url,
    '--json',
    '--only',
    'http-redirect,http-location,http-delete',
  );
  t.same(
    (JSON.parse(stdout) as { results: ConformanceResult[] }).results.map(({ outcome }) => outcome),
    ['pass', 'pass', 'pass'],
  );
  t.equal(code, 0);
});
