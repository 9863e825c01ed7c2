import { describe } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { acceptedOf, ownOffer, parseSdp } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-no-common-codec',
  group: 'sdp',
  kinds: both,
  section: { whep: '4.3.4', whip: '4.4.3' },
  level: 'MUST',
  requirement: 'An offer without a codec in common is refused with a 4xx, or its section is rejected.',
  async check(context) {
    const video = { formats: ['120'], lines: ['a=rtpmap:120 NOSUCH/90000'] };
    const answer = await context.post(ownOffer(context.kind, { kinds: ['video'], video }));
    if (answer.status === 201) {
      expect(acceptedOf(parseSdp(answer.text)).length === 0, 'a codec that nobody has was accepted');
      return '201 with the section rejected';
    }
    expect(answer.status >= 400 && answer.status < 500, describe(answer));
    return describe(answer);
  },
};
