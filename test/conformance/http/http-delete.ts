import { describe } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-delete',
  group: 'http',
  kinds: both,
  section: { whep: '4.4', whip: '4.2' },
  level: 'MUST',
  requirement: 'DELETE of the session ends it with success.',
  async check(context) {
    const session = await context.open(ownOffer(context.kind));
    const answer = await session.end();
    expect(answer.status >= 200 && answer.status < 300, describe(answer));
    return String(answer.status);
  },
};
