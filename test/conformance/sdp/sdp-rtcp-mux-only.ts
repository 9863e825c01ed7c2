import { both, expect, type Requirement } from '../requirement.ts';
import { acceptedOf, attributeOf, ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-rtcp-mux-only',
  group: 'sdp',
  kinds: both,
  section: { whep: '4.6.1', whip: '4.4.1' },
  level: 'MUST',
  requirement:
    'a=rtcp-mux-only is in each bundled section of the answer, or in none: RFC 8858, 4.3, which is cited for it, forbids it in answers.',
  async check(context) {
    const { answer } = await context.open(ownOffer(context.kind));
    const accepted = acceptedOf(answer);
    const without = accepted.filter((section) => attributeOf(answer, section, 'rtcp-mux-only') === null);
    expect(
      without.length === 0 || without.length === accepted.length,
      `without: ${without.map(({ kind }) => kind).join(' ')}`,
    );
    return without.length === 0 ? 'in each' : 'in none';
  },
};
