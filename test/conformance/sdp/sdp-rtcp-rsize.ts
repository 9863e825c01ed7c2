import { both, expect, type Requirement } from '../requirement.ts';
import { acceptedOf, ownOffer, valuesOf } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-rtcp-rsize',
  group: 'sdp',
  kinds: both,
  section: 'RFC 9429, 5.3.1',
  level: 'MUST',
  requirement: 'Reduced-size RTCP is in no answer to an offer that does not ask for it.',
  async check(context) {
    const offer = ownOffer(context.kind).replaceAll('a=rtcp-rsize\r\n', '');
    const { answer } = await context.open(offer);
    const reduced = acceptedOf(answer).filter(({ lines }) => valuesOf(lines, 'rtcp-rsize').length > 0);
    expect(reduced.length === 0, `a=rtcp-rsize in ${reduced.map(({ kind }) => kind).join(' ')}`);
    return 'none';
  },
};
