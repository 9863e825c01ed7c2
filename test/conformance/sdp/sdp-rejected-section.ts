import { both, expect, type Requirement } from '../requirement.ts';
import { acceptedOf, ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-rejected-section',
  group: 'sdp',
  kinds: both,
  section: 'RFC 3264, 6',
  level: 'MUST',
  requirement: 'A data channel that is not wanted is rejected with port 0, and the rest is answered.',
  async check(context) {
    const { answer } = await context.open(
      ownOffer(context.kind, { kinds: ['audio', 'video', 'application'] }),
    );
    expect(answer.sections.length === 3, `${answer.sections.length} sections`);
    const media = acceptedOf(answer).filter(({ kind }) => kind !== 'application');
    expect(media.length > 0, 'no media section was accepted');
    return answer.sections.map(({ kind, port }) => `${kind} ${port}`).join(', ');
  },
};
