import { expect, type Requirement } from '../requirement.ts';
import { acceptedOf, attributeOf, ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-msid',
  group: 'sdp',
  kinds: ['whep'],
  section: 'draft-ietf-wish-whep-04, 4.6.2',
  level: 'MUST',
  requirement: 'All sections that send have an a=msid of one and the same MediaStream.',
  async check(context) {
    const { answer } = await context.open(ownOffer(context.kind));
    const streams = acceptedOf(answer).map(
      (section) => attributeOf(answer, section, 'msid')?.split(' ')[0] ?? 'none',
    );
    expect(!streams.includes('none') && new Set(streams).size === 1, `streams: ${streams.join(' ')}`);
    return `stream ${streams[0]}`;
  },
};
