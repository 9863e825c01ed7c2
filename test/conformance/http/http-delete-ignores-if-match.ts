import { describe } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-delete-ignores-if-match',
  group: 'http',
  kinds: both,
  section: { whep: '4.5.1', whip: '4.3.1' },
  level: 'MUST',
  requirement: 'DELETE does not look at If-Match.',
  async check(context) {
    const session = await context.open(ownOffer(context.kind));
    const answer = await session.end({ 'if-match': '"another-ice-session"' });
    expect(answer.status >= 200 && answer.status < 300, describe(answer));
    return String(answer.status);
  },
};
