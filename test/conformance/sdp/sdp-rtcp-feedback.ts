import { both, expect, type Requirement } from '../requirement.ts';
import { acceptedOf, ownOffer, valuesOf } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-rtcp-feedback',
  group: 'sdp',
  kinds: both,
  section: 'RFC 4585, 4.2',
  level: 'MUST',
  requirement: 'The answer has only RTCP feedback that was offered for that payload type.',
  async check(context) {
    const offer = ownOffer(context.kind).replaceAll(/a=rtcp-fb:\d+ (ccm fir|transport-cc)\r\n/g, '');
    const offered = new Set([...offer.matchAll(/^a=(rtcp-fb:.*)\r$/gm)].map(([, value]) => value));
    const { answer } = await context.open(offer);
    const seen = acceptedOf(answer).flatMap(({ formats, lines }) =>
      valuesOf(lines, 'rtcp-fb').map((value) => {
        const [type = '', ...feedback] = value.split(' ');
        const types = type === '*' ? formats : [type];
        expect(
          types.some((each) => offered.has(`rtcp-fb:${each} ${feedback.join(' ')}`)),
          `a=rtcp-fb:${value} was not offered`,
        );
        return value;
      }),
    );
    return seen.join(', ') || 'none';
  },
};
