import t from 'tap';
import { canonicalNamesOf, senderReport, senderReportsOf } from '../../conformance/rtp.ts';

/** Two chunks of source description, of names that need padding and that need a whole word of it (RFC 3550, 6.5). */
const names = Buffer.from(
  '82ca0007' + '00000001' + '0105626f78203100' + '00000002' + '010462617265000000000000',
  'hex',
);

t.test('the CNAME of each source', async (t) => {
  t.same(canonicalNamesOf(names), [
    [1, 'box 1'],
    [2, 'bare'],
  ]);
  t.same(canonicalNamesOf(names.subarray(0, 9)), [], 'cut off');
});

t.test('sender reports of a compound', async (t) => {
  const compound = Buffer.concat([senderReport(7, 90_000, 3), names]);
  t.same(senderReportsOf(compound), [{ ssrc: 7, timestamp: 90_000 }]);
});
