import { describe } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-video-only',
  group: 'sdp',
  kinds: both,
  section: 'RFC 9110, 15.6',
  level: 'MUST',
  requirement: 'An offer of pictures alone is answered, or refused with a 4xx.',
  async check(context) {
    const answer = await context.post(ownOffer(context.kind, { kinds: ['video'] }));
    expect(
      answer.status === 201 || answer.status === 503 || (answer.status >= 400 && answer.status < 500),
      describe(answer),
    );
    return describe(answer);
  },
};
