import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { attributeOf, ownOffer, parseSdp } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-rejected-has-transport',
  group: 'sdp',
  kinds: both,
  section: 'RFC 8839, 5.4',
  level: 'SHOULD',
  requirement: 'A rejected section has ICE credentials too: aiortc takes no other answer.',
  async check(context) {
    const created = await context.post(ownOffer(context.kind, { kinds: ['audio', 'video', 'application'] }));
    if (created.status !== 201) throw new NotApplicable(`the offer is refused as a whole: ${created.status}`);
    const answer = parseSdp(created.text);
    const rejected = answer.sections.filter(
      ({ port, lines }) => port === 0 && !lines.includes('a=bundle-only'),
    );
    if (rejected.length === 0) throw new NotApplicable('nothing was rejected');
    for (const section of rejected)
      expect(attributeOf(answer, section, 'ice-ufrag') !== null, `${section.kind} without a=ice-ufrag`);
    return `${rejected.length} rejected`;
  },
};
