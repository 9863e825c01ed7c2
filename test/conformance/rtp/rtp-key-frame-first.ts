import { receiving } from '../connected.ts';
import { expect, NotApplicable, type Requirement } from '../requirement.ts';
import { beginsKeyFrame, readRtp } from '../rtp.ts';

export const requirement: Requirement = {
  id: 'rtp-key-frame-first',
  group: 'rtp',
  kinds: ['whep'],
  section: 'RFC 8834, 5.1.2',
  level: 'SHOULD',
  requirement: 'A viewer who joins is sent a key frame within 2 s, so that pictures begin.',
  async check(context) {
    const { peer } = await receiving(context);
    const found = await peer.until(() => peer.rtp.some((packet) => isKeyFrame(packet)), 2_500);
    if (!peer.rtp.some((packet) => readRtp(packet).payloadType === 102))
      throw new NotApplicable('no H.264 came');
    expect(found, 'no key frame within 2.5 s');
    return 'a key frame came';
  },
};

function isKeyFrame(packet: Buffer): boolean {
  const { payloadType, payload } = readRtp(packet);
  return payloadType === 102 && beginsKeyFrame(payload);
}
