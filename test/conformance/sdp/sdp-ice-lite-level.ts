import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-ice-lite-level',
  group: 'sdp',
  kinds: both,
  section: 'RFC 8839, 5.3',
  level: 'MUST',
  requirement: 'a=ice-lite stands at session level.',
  async check(context) {
    const { answer } = await context.open(ownOffer(context.kind));
    const misplaced = answer.sections.some((section) => section.lines.includes('a=ice-lite'));
    expect(!misplaced, 'a=ice-lite in a section');
    return answer.lines.includes('a=ice-lite') ? 'ice-lite' : 'a full agent';
  },
};
