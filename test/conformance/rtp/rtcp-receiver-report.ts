import { datachannelPeer } from '../clients/datachannel-peer.ts';
import { connected } from '../connected.ts';
import { expect, type Requirement } from '../requirement.ts';
import { rtcpPackets } from '../rtp.ts';

export const requirement: Requirement = {
  id: 'rtcp-receiver-report',
  group: 'rtp',
  kinds: ['whip'],
  section: 'RFC 3550, 6.4.2',
  level: 'SHOULD',
  requirement: 'A server that receives media reports what it got, within 10 s.',
  async check(context) {
    const { peer } = await connected(context, datachannelPeer);
    const reports = (compound: Buffer): boolean =>
      [...rtcpPackets(compound)].some(({ type, count }) => (type === 201 || type === 200) && count > 0);
    expect(await peer.until(() => peer.rtcp.some(reports), 10_000), 'no receiver report within 10 s');
    return `${peer.rtcp.length} RTCP packets`;
  },
};
