import { both, expect, type Requirement } from '../requirement.ts';
import { acceptedOf, attributeOf, ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-fingerprint',
  group: 'sdp',
  kinds: both,
  section: 'RFC 8122, 5',
  level: 'MUST',
  requirement: 'The answer has a certificate’s fingerprint, SHA-256 or stronger.',
  async check(context) {
    const { answer } = await context.open(ownOffer(context.kind));
    const section = acceptedOf(answer)[0];
    expect(section, 'no section was accepted');
    const fingerprint = attributeOf(answer, section, 'fingerprint') ?? 'none';
    expect(
      /^sha-(256|384|512) ([0-9A-F]{2}:){31,63}[0-9A-F]{2}$/i.test(fingerprint),
      `a=fingerprint:${fingerprint}`,
    );
    return fingerprint.split(' ')[0] ?? '';
  },
};
