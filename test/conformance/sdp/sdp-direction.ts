import { both, expect, type Requirement } from '../requirement.ts';
import { acceptedOf, directionOf, ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-direction',
  group: 'sdp',
  kinds: both,
  section: { whep: '4.3.5', whip: '4.2' },
  level: 'MUST',
  requirement: 'Each accepted section is sendonly (WHEP) or recvonly (WHIP).',
  async check(context) {
    const { answer } = await context.open(ownOffer(context.kind));
    const wanted = context.kind === 'whep' ? 'sendonly' : 'recvonly';
    // A section for which the server has nothing may be inactive (RFC 8829, 5.3.1).
    const seen = acceptedOf(answer)
      .map((section) => directionOf([...section.lines, ...answer.lines]))
      .filter((direction) => direction !== 'inactive');
    expect(
      seen.length > 0 && seen.every((direction) => direction === wanted),
      seen.join(' ') || 'no section was accepted',
    );
    return seen.join(' ');
  },
};
