import { both, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-extmaps',
  group: 'sdp',
  kinds: both,
  section: 'RFC 8285, 6',
  level: 'MUST',
  requirement: 'extmap-allow-mixed and two extensions under one URI are no reason to fail.',
  async check(context) {
    const sectionLines = [4, 5].map((id) => `a=extmap:${id} urn:ietf:params:rtp-hdrext:sdes:mid`);
    await context.open(ownOffer(context.kind, { sectionLines, sessionLines: ['a=extmap-allow-mixed'] }));
    return '201';
  },
};
