import { describe } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-post-media-type',
  group: 'http',
  kinds: both,
  section: { whep: '4.3.4', whip: '4.2' },
  level: 'MUST',
  requirement: 'A POST that is not application/sdp is rejected with a 4xx.',
  async check(context) {
    const answer = await context.post(ownOffer(context.kind), { 'content-type': 'text/plain' });
    expect(answer.status >= 400 && answer.status < 500, describe(answer));
    return describe(answer);
  },
};
