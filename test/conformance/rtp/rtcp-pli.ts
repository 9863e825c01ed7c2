import { receiving } from '../connected.ts';
import { expect, NotApplicable, type Requirement } from '../requirement.ts';
import { beginsKeyFrame, pictureLossIndication, readRtp } from '../rtp.ts';

export const requirement: Requirement = {
  id: 'rtcp-pli',
  group: 'rtp',
  kinds: ['whep'],
  section: 'RFC 4585, 6.3.1',
  level: 'SHOULD',
  requirement: 'Where the answer has nack pli, a PLI brings a key frame within 2 s.',
  async check(context) {
    const { peer, session } = await receiving(context, 40);
    if (!/a=rtcp-fb:(102|\*) nack pli/.test(session.answerText))
      throw new NotApplicable('no nack pli in the answer');
    const ssrc = peer.rtp.map(readRtp).find(({ payloadType }) => payloadType === 102)?.ssrc;
    if (ssrc === undefined) throw new NotApplicable('no H.264 came');
    await peer.until(() => false, 600); // a key frame that was on its way anyway is behind us
    const from = peer.rtp.length;
    const askedAtMs = performance.now();
    peer.say(pictureLossIndication(ssrc));
    const found = await peer.until(() => peer.rtp.slice(from).some((packet) => isKeyFrame(packet)), 2_000);
    expect(found, 'no key frame within 2 s of PLI');
    return `a key frame ${Math.round(performance.now() - askedAtMs)} ms after PLI`;
  },
};

function isKeyFrame(packet: Buffer): boolean {
  const { payloadType, payload } = readRtp(packet);
  return payloadType === 102 && beginsKeyFrame(payload);
}
