import { both, expect, type Requirement } from '../requirement.ts';
import { acceptedOf, directionOf, ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-sendrecv-offer',
  group: 'sdp',
  kinds: both,
  section: { whep: '4.3.5', whip: '4.2' },
  level: 'MUST',
  requirement: 'An offer that is sendrecv is answered one way all the same.',
  async check(context) {
    const { answer } = await context.open(ownOffer(context.kind, { direction: 'sendrecv' }));
    const wanted = context.kind === 'whep' ? 'sendonly' : 'recvonly';
    // A section for which the server has nothing may be inactive (RFC 8829, 5.3.1).
    const seen = acceptedOf(answer)
      .map((section) => directionOf([...section.lines, ...answer.lines]))
      .filter((direction) => direction !== 'inactive');
    expect(seen.length > 0 && seen.every((direction) => direction === wanted), seen.join(' '));
    return seen.join(' ');
  },
};
