import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-sections',
  group: 'sdp',
  kinds: both,
  section: 'RFC 3264, 6',
  level: 'MUST',
  requirement: 'The answer has as many sections as the offer, in the same order and of the same kinds.',
  async check(context) {
    for (const kinds of [
      ['audio', 'video'],
      ['video', 'audio'],
    ] as const) {
      const { answer } = await context.open(ownOffer(context.kind, { kinds }));
      const answered = answer.sections.map((section) => section.kind);
      expect(
        answered.join(' ') === kinds.join(' '),
        `offered ${kinds.join(' ')}, answered ${answered.join(' ')}`,
      );
    }
    return 'audio video, and video audio';
  },
};
