import { describe } from '../context.ts';
import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-patch-media-type',
  group: 'http',
  kinds: both,
  section: { whep: '4.5.1', whip: '4.3.1' },
  level: 'MUST',
  requirement: 'A PATCH that is not application/trickle-ice-sdpfrag is rejected with a 4xx.',
  async check(context) {
    const session = await context.open(ownOffer(context.kind));
    const headers = { 'content-type': 'text/plain', 'if-match': session.etag ?? '*' };
    const answer = await session.patch('a=end-of-candidates\r\n', headers);
    if (answer.status === 501) throw new NotApplicable('501: no PATCH');
    expect(answer.status >= 400 && answer.status < 500, describe(answer));
    return describe(answer);
  },
};
