import { describe } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-inactive-offer',
  group: 'sdp',
  kinds: both,
  section: 'RFC 9110, 15.6',
  level: 'MUST',
  requirement: 'An offer in the wrong direction, which clients must not make, is no server error.',
  async check(context) {
    const direction = context.kind === 'whep' ? 'sendonly' : 'recvonly';
    const answer = await context.post(ownOffer(context.kind, { direction }));
    expect(answer.status < 500 || answer.status === 503, describe(answer));
    return describe(answer);
  },
};
