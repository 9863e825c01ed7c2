import { receiving } from '../connected.ts';
import { expect, type Requirement } from '../requirement.ts';
import { rtcpPackets } from '../rtp.ts';

export const requirement: Requirement = {
  id: 'rtcp-sender-report',
  group: 'rtp',
  kinds: ['whep'],
  section: 'RFC 3550, 6.4',
  level: 'MUST',
  requirement: 'A sender of media says so in sender reports, within 10 s.',
  async check(context) {
    const { peer } = await receiving(context);
    const found = await peer.until(() => peer.rtcp.some(hasSenderReport), 10_000);
    expect(found, 'no sender report within 10 s');
    return `${peer.rtcp.length} RTCP packets`;
  },
};

const hasSenderReport = (compound: Buffer): boolean =>
  [...rtcpPackets(compound)].some(({ type }) => type === 200);
