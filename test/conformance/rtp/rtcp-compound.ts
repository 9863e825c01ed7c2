import { receiving } from '../connected.ts';
import { expect, NotApplicable, type Requirement } from '../requirement.ts';
import { rtcpPackets } from '../rtp.ts';

export const requirement: Requirement = {
  id: 'rtcp-compound',
  group: 'rtp',
  kinds: ['whep'],
  section: 'RFC 3550, 6.1',
  level: 'MUST',
  requirement:
    'Where reduced-size RTCP was not agreed, each compound begins with a sender or receiver report.',
  async check(context) {
    const { peer, session } = await receiving(context);
    if (session.answerText.includes('a=rtcp-rsize')) throw new NotApplicable('reduced size was agreed');
    await peer.until(() => peer.rtcp.length >= 3, 10_000);
    if (peer.rtcp.length === 0) throw new NotApplicable('no RTCP came');
    const first = peer.rtcp.map((compound) => [...rtcpPackets(compound)][0]?.type ?? 0);
    expect(
      first.every((type) => type === 200 || type === 201),
      `packet types at the start: ${first.join(' ')}`,
    );
    return `${first.length} compounds`;
  },
};
