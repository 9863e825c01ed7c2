import { describe } from '../context.ts';
import { expect, NotApplicable, type Requirement } from '../requirement.ts';
import { acceptedOf, ownOffer, parseSdp } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-two-tracks',
  group: 'sdp',
  kinds: ['whip'],
  section: 'RFC 9725, 4.4.2',
  level: 'MUST',
  requirement: 'Two tracks of one kind are taken both, or the offer is refused with 422 or 400.',
  async check(context) {
    const offer = ownOffer(context.kind, { kinds: ['video', 'video'] });
    const at = offer.lastIndexOf('a=msid:conformance video');
    const created = await context.post(`${offer.slice(0, at)}${offer.slice(at).replace('video', 'second')}`);
    if ([409, 503].includes(created.status)) throw new NotApplicable(describe(created));
    if (created.status === 201) {
      const accepted = acceptedOf(parseSdp(created.text)).length;
      expect(accepted === 2, `201 with ${accepted} of two sections`);
      return '201 with both';
    }
    expect([400, 422].includes(created.status), describe(created));
    return describe(created);
  },
};
