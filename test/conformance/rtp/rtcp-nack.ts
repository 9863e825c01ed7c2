import { connectedThroughRelay } from '../connected.ts';
import { Failed, NotApplicable, type Requirement } from '../requirement.ts';
import { genericNack, isRtcp, readRtp } from '../rtp.ts';

/** Not so early that the streams are still being found, nor long after. */
const lostPacket = 20;
/** A NACK may be lost as well: receivers ask again. */
const attempts = 10;
const attemptMs = 400;

export const requirement: Requirement = {
  id: 'rtcp-nack',
  group: 'rtp',
  kinds: ['whep'],
  section: 'RFC 4585, 6.2.1',
  level: 'SHOULD',
  requirement:
    'Where the answer has nack, a packet that is asked for again comes again, as it was or as RTX.',
  async check(context) {
    let lost: { ssrc: number; sequence: number } | null = null;
    let count = 0;
    const { peer, session } = await connectedThroughRelay(context, {
      // The headers of SRTP are in the clear.
      loses: ({ bytes, from }) => {
        if (from !== 'server' || (bytes[0] ?? 0) < 128 || isRtcp(bytes)) return false;
        const { payloadType, ssrc, sequence } = readRtp(bytes);
        if (payloadType !== 102) return false;
        count += 1;
        if (count !== lostPacket) return false;
        lost = { ssrc, sequence };
        return true;
      },
    });
    if (!/a=rtcp-fb:(102|\*) nack\r?\n/.test(session.answerText))
      throw new NotApplicable('no nack in the answer');
    const isLater = (packet: Buffer): boolean =>
      lost !== null &&
      readRtp(packet).ssrc === lost.ssrc &&
      ((readRtp(packet).sequence - lost.sequence) & 0xffff) < 1_000;
    if (!(await peer.until(() => peer.rtp.some(isLater), 8_000))) throw new NotApplicable('no H.264 came');
    const { ssrc, sequence } = lost as unknown as { ssrc: number; sequence: number };
    const again = (packet: Buffer): boolean => {
      const seen = readRtp(packet);
      if (seen.ssrc === ssrc) return seen.sequence === sequence;
      return seen.payload.length > 2 && seen.payloadType !== 111 && seen.payload.readUInt16BE(0) === sequence; // RFC 4588, 4
    };
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      peer.say(genericNack(ssrc, sequence));
      if (await peer.until(() => peer.rtp.some(again), attemptMs)) return `packet ${sequence} came again`;
    }
    throw new Failed(`packet ${sequence} did not come again, asked for ${attempts} times`);
  },
};
