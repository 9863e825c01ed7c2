import { connectedThroughRelay } from '../connected.ts';
import { both, type Requirement } from '../requirement.ts';

export const requirement: Requirement = {
  id: 'dtls-loss',
  group: 'dtls',
  kinds: both,
  section: 'RFC 6347, 4.2.4',
  level: 'MUST',
  requirement: 'A handshake of which half of the first packets are lost comes up all the same.',
  async check(context) {
    let handshake = 0;
    const { peer } = await connectedThroughRelay(context, {
      timeoutMs: 25_000,
      // Records of DTLS are told by their first byte, 20 to 63 (RFC 7983, 7).
      loses: ({ bytes }) => {
        const first = bytes[0] ?? 0;
        if (first < 20 || first > 63 || handshake >= 6) return false;
        handshake += 1;
        return handshake % 2 === 1;
      },
    });
    return `${peer.make}: connected with 3 of the first 6 packets lost`;
  },
};
