import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer, valuesOf } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-mid',
  group: 'sdp',
  kinds: both,
  section: 'RFC 9143, 7.3',
  level: 'MUST',
  requirement: 'Each section of the answer repeats the mid of the offer.',
  async check(context) {
    const { answer } = await context.open(ownOffer(context.kind));
    const mids = answer.sections.map((section) => valuesOf(section.lines, 'mid')[0] ?? 'none');
    expect(mids.join(' ') === '0 1', `mids: ${mids.join(' ')}`);
    return mids.join(' ');
  },
};
