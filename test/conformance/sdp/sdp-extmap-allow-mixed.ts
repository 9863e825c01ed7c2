import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer, valuesOf } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-extmap-allow-mixed',
  group: 'sdp',
  kinds: both,
  section: 'RFC 8285, 6',
  level: 'MUST',
  requirement: 'extmap-allow-mixed is in no answer to an offer that has it not.',
  async check(context) {
    const { answer } = await context.open(ownOffer(context.kind));
    const lines = [answer.lines, ...answer.sections.map((section) => section.lines)];
    expect(!lines.some((each) => valuesOf(each, 'extmap-allow-mixed').length > 0), 'a=extmap-allow-mixed');
    return 'none';
  },
};
