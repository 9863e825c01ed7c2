import { expect, NotApplicable, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-nothing-on-air',
  group: 'http',
  kinds: ['whep'],
  section: 'draft-ietf-wish-whep-04, 4.3.8',
  level: 'MUST',
  requirement: 'An endpoint with nothing to send answers 409 with Retry-After.',
  async check(context) {
    const answer = await context.post(ownOffer(context.kind));
    if (answer.status !== 409) throw new NotApplicable(`something is on the air (${answer.status})`);
    expect(answer.headers['retry-after'] !== undefined, '409 without Retry-After');
    return `Retry-After: ${answer.headers['retry-after']}`;
  },
};
