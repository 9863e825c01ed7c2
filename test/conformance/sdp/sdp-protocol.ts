import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-protocol',
  group: 'sdp',
  kinds: both,
  section: 'RFC 3264, 6.1',
  level: 'MUST',
  requirement: 'Each section is answered with the transport protocol that was offered.',
  async check(context) {
    const { answer } = await context.open(ownOffer(context.kind));
    const protocols = answer.sections.map(({ protocol }) => protocol);
    expect(
      protocols.every((protocol) => protocol === 'UDP/TLS/RTP/SAVPF'),
      protocols.join(' '),
    );
    return protocols[0] ?? 'no section';
  },
};
