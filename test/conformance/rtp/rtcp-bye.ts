import { receiving } from '../connected.ts';
import { expect, type Requirement } from '../requirement.ts';
import { rtcpPackets } from '../rtp.ts';

export const requirement: Requirement = {
  id: 'rtcp-bye',
  group: 'rtp',
  kinds: ['whep'],
  section: 'RFC 3550, 6.3.7',
  level: 'SHOULD',
  requirement: 'A stream that ends by DELETE says BYE.',
  async check(context) {
    const { peer, session } = await receiving(context);
    await session.end();
    const bye = (compound: Buffer): boolean => [...rtcpPackets(compound)].some(({ type }) => type === 203);
    expect(await peer.until(() => peer.rtcp.some(bye), 2_000), 'no BYE within 2 s of DELETE');
    return 'BYE';
  },
};
