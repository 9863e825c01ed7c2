import { describe } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';
import { vanished } from '../vanished.ts';

export const requirement: Requirement = {
  id: 'life-expired',
  group: 'life',
  kinds: both,
  section: { whep: '4.4', whip: '4.2' },
  level: 'MUST',
  requirement:
    'A session whose client fell silent is over or can be ended (2xx, 404, 410), and its place is free for another one.',
  async check(context) {
    const { ended } = await vanished(context);
    const isOver = [404, 410].includes(ended.status);
    expect(isOver || (ended.status >= 200 && ended.status < 300), `DELETE: ${describe(ended)}`);
    await context.open(ownOffer(context.kind));
    return `DELETE after its end: ${ended.status}, and a new session: 201`;
  },
};
