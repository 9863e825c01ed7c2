import { describe, requireTrickle } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-patch-malformed',
  group: 'http',
  kinds: both,
  section: { whep: '4.5.1', whip: '4.3.1' },
  level: 'MUST',
  requirement: 'A malformed SDP fragment is rejected with a 4xx.',
  async check(context) {
    const session = await context.open(ownOffer(context.kind));
    const answer = await session.patch('<html>this is no fragment</html>');
    requireTrickle(answer);
    expect(answer.status >= 400 && answer.status < 500, describe(answer));
    return describe(answer);
  },
};
