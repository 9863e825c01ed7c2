import { both, expect, type Requirement } from '../requirement.ts';
import { candidatesOf, ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'ice-candidates',
  group: 'ice',
  kinds: both,
  section: { whep: '4.5.2', whip: '4.3.2' },
  level: 'MUST',
  requirement: 'The answer has all of the server’s candidates: later ones could not be told.',
  async check(context) {
    const { answer } = await context.open(ownOffer(context.kind));
    const candidates = candidatesOf(answer);
    expect(candidates.length > 0, 'no candidate in the answer');
    return candidates.map(({ address, port, transport }) => `${address}:${port}/${transport}`).join(', ');
  },
};
