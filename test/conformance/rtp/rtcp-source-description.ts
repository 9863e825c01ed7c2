import { receiving } from '../connected.ts';
import { expect, NotApplicable, type Requirement } from '../requirement.ts';
import { rtcpPackets } from '../rtp.ts';

export const requirement: Requirement = {
  id: 'rtcp-source-description',
  group: 'rtp',
  kinds: ['whep'],
  section: 'RFC 3550, 6.1',
  level: 'MUST',
  requirement: 'A compound with a sender report has a CNAME, unless reduced size was agreed.',
  async check(context) {
    const { peer, session } = await receiving(context);
    const reduced = session.answerText.includes('a=rtcp-rsize');
    await peer.until(() => peer.rtcp.some(hasSenderReport), 10_000);
    const compound = peer.rtcp.find(hasSenderReport);
    if (compound === undefined) throw new NotApplicable('no sender report came');
    const types = [...rtcpPackets(compound)].map(({ type }) => type);
    expect(reduced || types.includes(202), `packet types ${types.join(' ')}`);
    return `packet types ${types.join(' ')}${reduced ? ', reduced size' : ''}`;
  },
};

const hasSenderReport = (compound: Buffer): boolean =>
  [...rtcpPackets(compound)].some(({ type }) => type === 200);
