import { receiving } from '../connected.ts';
import { expect, type Requirement } from '../requirement.ts';
import { readRtp } from '../rtp.ts';
import { acceptedOf } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'rtp-payload-type',
  group: 'rtp',
  kinds: ['whep'],
  section: 'RFC 3264, 6.1',
  level: 'MUST',
  requirement: 'Packets have payload types that the answer names.',
  async check(context) {
    const { peer, session } = await receiving(context, 40);
    const named = new Set(acceptedOf(session.answer).flatMap(({ formats }) => formats.map(Number)));
    const seen = new Set(peer.rtp.map((packet) => readRtp(packet).payloadType));
    for (const type of seen)
      expect(named.has(type), `payload type ${type}; the answer has ${[...named].join(' ')}`);
    return `payload types ${[...seen].join(' ')}`;
  },
};
