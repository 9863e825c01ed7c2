import { both, expect, type Requirement } from '../requirement.ts';
import { acceptedOf, attributeOf, ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-ice-credentials',
  group: 'sdp',
  kinds: both,
  section: 'RFC 8839, 5.4',
  level: 'MUST',
  requirement:
    'The answer has a=ice-ufrag of 4 and a=ice-pwd of 22 characters at least, others in each session.',
  async check(context) {
    const two = [await context.open(ownOffer(context.kind)), await context.open(ownOffer(context.kind))];
    const ufrags = two.map(({ answer }) => {
      const section = acceptedOf(answer)[0];
      expect(section, 'no section was accepted');
      const [ufrag, pwd] = [
        attributeOf(answer, section, 'ice-ufrag') ?? '',
        attributeOf(answer, section, 'ice-pwd') ?? '',
      ];
      expect(/^[A-Za-z0-9+/]{4,256}$/.test(ufrag), `a=ice-ufrag:${ufrag}`);
      expect(/^[A-Za-z0-9+/]{22,256}$/.test(pwd), `a=ice-pwd of ${pwd.length} characters`);
      return ufrag;
    });
    expect(ufrags[0] !== ufrags[1], `two sessions have the ufrag ${ufrags[0]}`);
    return ufrags.join(', ');
  },
};
