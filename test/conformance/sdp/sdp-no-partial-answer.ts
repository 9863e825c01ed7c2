import { describe } from '../context.ts';
import { expect, NotApplicable, type Requirement } from '../requirement.ts';
import { acceptedOf, ownOffer, parseSdp } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-no-partial-answer',
  group: 'sdp',
  kinds: ['whip'],
  section: 'RFC 9725, 4.4.3',
  level: 'SHOULD',
  requirement:
    'An offer of which one section cannot be taken is refused as a whole, with 422 or 400: no publisher believes that its sound arrives.',
  async check(context) {
    const offer = ownOffer(context.kind).replace('a=rtpmap:111 opus/48000/2', 'a=rtpmap:111 NOSUCH/48000/2');
    const created = await context.post(offer);
    if ([409, 503].includes(created.status)) throw new NotApplicable(describe(created));
    if (created.status === 201) {
      const accepted = acceptedOf(parseSdp(created.text)).map(({ kind }) => kind);
      expect(accepted.length === 2, `201 with ${accepted.join(' ') || 'nothing'} alone`);
      return '201 with both sections';
    }
    expect(created.status >= 400 && created.status < 500, describe(created));
    return describe(created);
  },
};
