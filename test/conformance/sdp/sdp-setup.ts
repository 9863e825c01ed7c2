import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { acceptedOf, attributeOf, ownOffer, parseSdp } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-setup',
  group: 'sdp',
  kinds: both,
  section: 'RFC 8842, 5.3',
  level: 'MUST',
  requirement:
    'actpass is answered active or passive, active is answered passive, passive is answered active.',
  async check(context) {
    const allowed: Record<string, string[]> = {
      actpass: ['active', 'passive'],
      active: ['passive'],
      passive: ['active'],
    };
    const seen = [];
    for (const [setup, right] of Object.entries(allowed)) {
      const created = await context.post(ownOffer(context.kind, { setup }));
      if (created.status >= 400 && created.status < 500 && setup !== 'actpass') {
        seen.push(`${setup}: ${created.status}`);
        continue;
      }
      if (created.status !== 201) throw new NotApplicable(`POST: ${created.status}`);
      const sdp = parseSdp(created.text);
      const answered = acceptedOf(sdp).map((section) => attributeOf(sdp, section, 'setup') ?? 'none');
      expect(
        answered.every((one) => right.includes(one)),
        `${setup} answered ${answered.join(' ')}`,
      );
      seen.push(`${setup}: ${answered[0]}`);
    }
    return seen.join(', ');
  },
};
