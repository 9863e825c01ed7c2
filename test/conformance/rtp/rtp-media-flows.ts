import { receiving } from '../connected.ts';
import type { Requirement } from '../requirement.ts';

export const requirement: Requirement = {
  id: 'rtp-media-flows',
  group: 'rtp',
  kinds: ['whep'],
  section: 'draft-ietf-wish-whep-04, 3.1',
  level: 'MUST',
  requirement: 'Media come as soon as the transport is up.',
  async check(context) {
    const { peer, tookMs } = await receiving(context);
    return `the first packet ${tookMs} ms after the connection, ${peer.rtp.length} packets`;
  },
};
