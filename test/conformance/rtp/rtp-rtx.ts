import { datachannelPeer, rtxType } from '../clients/datachannel-peer.ts';
import { connectedThroughRelay } from '../connected.ts';
import { expect, NotApplicable, type Requirement } from '../requirement.ts';
import { genericNack, isRtcp, readRtp } from '../rtp.ts';

const lostPacket = 20;
const attempts = 10;
const attemptMs = 400;

export const requirement: Requirement = {
  id: 'rtp-rtx',
  group: 'rtp',
  kinds: ['whep'],
  section: 'RFC 4588, 4 and 8.6',
  level: 'MUST',
  requirement:
    'Where the answer has rtx, a packet that is asked for again comes as RTX: its payload type, an SSRC of its own, the first number in front.',
  async check(context) {
    let lost: { ssrc: number; sequence: number } | null = null;
    let count = 0;
    const { peer, session } = await connectedThroughRelay(context, {
      make: (kind) => datachannelPeer(kind, { rtx: true }),
      loses: ({ bytes, from }) => {
        if (from !== 'server' || (bytes[0] ?? 0) < 128 || isRtcp(bytes)) return false;
        const { payloadType, ssrc, sequence } = readRtp(bytes);
        if (payloadType !== 102) return false;
        count += 1;
        if (count === lostPacket) lost = { ssrc, sequence };
        return count === lostPacket;
      },
    });
    if (!new RegExp(`^a=fmtp:${rtxType} .*apt=102`, 'm').test(session.answerText))
      throw new NotApplicable('no rtx of H.264 in the answer');
    const packets = () => peer.rtp.map(readRtp);
    const isBehind = () => packets().filter(({ payloadType }) => payloadType === 102).length > lostPacket;
    if (!(await peer.until(isBehind, 8_000)) || lost === null) throw new NotApplicable('no H.264 came');
    const { ssrc, sequence } = lost as { ssrc: number; sequence: number };
    const again = () =>
      packets().find(
        ({ payloadType, payload }) =>
          payloadType === rtxType && payload.length > 2 && payload.readUInt16BE(0) === sequence,
      );
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      peer.say(genericNack(ssrc, sequence));
      if (await peer.until(() => again() !== undefined, attemptMs)) break;
    }
    const found = again();
    expect(found, `packet ${sequence} did not come again as RTX, asked for ${attempts} times`);
    expect(found.ssrc !== ssrc, `the RTX has the SSRC of the stream, ${ssrc}`);
    return `packet ${sequence} of ${ssrc} came again as RTX of ${found.ssrc}`;
  },
};
