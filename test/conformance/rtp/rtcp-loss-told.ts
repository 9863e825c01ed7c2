import { connectedThroughRelay } from '../connected.ts';
import { expect, NotApplicable, type Requirement } from '../requirement.ts';
import { isRtcp, readRtp, rtcpPackets } from '../rtp.ts';

const lostPacket = 30;
const transportFeedback = 205;
const payloadFeedback = 206;

export const requirement: Requirement = {
  id: 'rtcp-loss-told',
  group: 'rtp',
  kinds: ['whip'],
  section: 'RFC 8834, 5.1.2 and 5.1.3',
  level: 'SHOULD',
  requirement:
    'Where the answer has nack or nack pli, a server asks for a lost packet again (NACK), or for a key frame (PLI, FIR).',
  async check(context) {
    let count = 0;
    let isLost = false;
    const { peer, session } = await connectedThroughRelay(context, {
      loses: ({ bytes, from }) => {
        if (from !== 'client' || (bytes[0] ?? 0) < 128 || isRtcp(bytes)) return false;
        if (readRtp(bytes).payloadType !== 102) return false;
        count += 1;
        isLost ||= count === lostPacket;
        return count === lostPacket;
      },
    });
    if (!/a=rtcp-fb:(102|\*) nack/.test(session.answerText)) throw new NotApplicable('no nack in the answer');
    await peer.until(() => isLost, 8_000);
    const before = peer.rtcp.length;
    const asks = (compound: Buffer): string | undefined => {
      for (const { type, count: format } of rtcpPackets(compound)) {
        if (type === transportFeedback && format === 1) return 'NACK';
        if (type === payloadFeedback && [1, 4].includes(format)) return format === 1 ? 'PLI' : 'FIR';
      }
      return undefined;
    };
    const asked = (): string | undefined =>
      peer.rtcp
        .slice(before)
        .map(asks)
        .find((each) => each !== undefined);
    expect(
      await peer.until(() => asked() !== undefined, 4_000),
      'neither NACK nor PLI within 4 s of the loss',
    );
    return `${asked()}`;
  },
};
