import { describe } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-ice-lite-offer',
  group: 'sdp',
  kinds: both,
  section: 'RFC 9110, 15.6',
  level: 'MUST',
  requirement: 'An offer of an ICE lite client, which clients must not be, is no server error.',
  async check(context) {
    const answer = await context.post(ownOffer(context.kind, { sessionLines: ['a=ice-lite'] }));
    expect(answer.status < 500 || answer.status === 503, describe(answer));
    return describe(answer);
  },
};
