import { both, expect, type Requirement } from '../requirement.ts';
import { acceptedOf, attributeOf, ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-rtcp-mux',
  group: 'sdp',
  kinds: both,
  section: { whep: '4.6.1', whip: '4.4.1' },
  level: 'MUST',
  requirement: 'Accepted sections have a=rtcp-mux.',
  async check(context) {
    const { answer } = await context.open(ownOffer(context.kind));
    const without = acceptedOf(answer).filter((section) => attributeOf(answer, section, 'rtcp-mux') === null);
    expect(without.length === 0, `without: ${without.map(({ kind }) => kind).join(' ')}`);
    return 'in each';
  },
};
