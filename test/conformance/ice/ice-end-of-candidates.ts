import { describe, requireTrickle } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { fragment, newPwd, newUfrag, ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'ice-end-of-candidates',
  group: 'ice',
  kinds: both,
  section: { whep: '4.5.2', whip: '4.3.2' },
  level: 'MUST',
  requirement: 'The end of candidates is taken.',
  async check(context) {
    const ice = { ufrag: newUfrag(), pwd: newPwd() };
    const session = await context.open(ownOffer(context.kind, ice));
    const answer = await session.patch(fragment({ ...ice, lines: ['a=end-of-candidates'] }));
    requireTrickle(answer);
    expect(answer.status === 204, describe(answer));
    return '204';
  },
};
