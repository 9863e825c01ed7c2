import t from 'tap';
import { junitOf, tableOf } from '../../conformance/report.ts';
import type { Report } from '../../conformance/run.ts';

const result = { level: 'MUST', requirement: 'So it is.', evidence: '' } as const;
const report: Report = {
  url: 'http://127.0.0.1/whep',
  kind: 'whep',
  results: [
    { ...result, id: 'http-one', section: 'draft-ietf-wish-whep-04, 4.2', outcome: 'pass', evidence: '201' },
    { ...result, id: 'rtcp-two', section: 'RFC 3550, 6.4', outcome: 'fail', evidence: 'none <&> "came"' },
    { ...result, id: 'life-three', section: '4', outcome: 'not-applicable', evidence: 'not here' },
  ],
};

t.test('a table for people: by group, the document once, what fails again at the end', async (t) => {
  const table = tableOf(report);
  t.match(
    table,
    /^WHEP at http:\/\/127\.0\.0\.1\/whep\nSections without a name are those of draft-ietf-wish-whep-04\./,
  );
  t.match(table, /\nHTTP\npass {2}MUST {2}http-one {4}4\.2 +So it is\.\n {6}201\n/);
  t.match(table, /\nRTP and RTCP\nfail /);
  t.match(table, /\nWhat does not hold\nfail {2}MUST {2}rtcp-two .*\n {6}none <&> "came"\n/);
  t.match(table, /\n1 passed, 1 failed \(1 MUST, 0 SHOULD\), 1 not applicable$/);
});

t.test('JUnit', async (t) => {
  const xml = junitOf(report);
  t.match(
    xml,
    /<testsuite name="draft-ietf-wish-whep-04 at http:\/\/127\.0\.0\.1\/whep" tests="3" failures="1" skipped="1">/,
  );
  t.match(xml, /<failure type="MUST" message="none &lt;&amp;&gt; &quot;came&quot;"\/>/);
  t.match(xml, /<skipped message="not here"\/>/);
});
