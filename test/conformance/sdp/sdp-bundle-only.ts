import { both, expect, type Requirement } from '../requirement.ts';
import { acceptedOf, ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-bundle-only',
  group: 'sdp',
  kinds: both,
  section: 'RFC 9143, 7.3.2',
  level: 'MUST',
  requirement: 'A section that is bundle-only, with port 0, is accepted like any other.',
  async check(context) {
    const { answer } = await context.open(
      ownOffer(context.kind, { bundleOnly: true, kinds: ['video', 'audio'] }),
    );
    const plain = await context.open(ownOffer(context.kind, { kinds: ['video', 'audio'] }));
    const [seen, usual] = [acceptedOf(answer).length, acceptedOf(plain.answer).length];
    expect(seen === usual, `${seen} sections accepted, ${usual} of the same offer without bundle-only`);
    return `${seen} sections`;
  },
};
