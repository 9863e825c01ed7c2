import { describe } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-unknown-session',
  group: 'http',
  kinds: both,
  section: 'RFC 9110, 15.5.5',
  level: 'SHOULD',
  requirement: 'A session that is over, or never was, is 404 or 410.',
  async check(context) {
    const session = await context.open(ownOffer(context.kind));
    await session.end();
    const answer = await session.patch('a=end-of-candidates\r\n');
    expect([404, 410].includes(answer.status), describe(answer));
    return String(answer.status);
  },
};
