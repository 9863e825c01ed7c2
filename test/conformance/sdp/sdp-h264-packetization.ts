import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { acceptedOf, ownOffer, valuesOf } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-h264-packetization',
  group: 'sdp',
  kinds: both,
  section: 'RFC 6184, 8.2.2',
  level: 'MUST',
  requirement:
    'H.264 is answered under a payload type whose packetization-mode is the one that it is answered with.',
  async check(context) {
    const modes: Record<string, string> = { 100: '0', 102: '1', 104: '1' };
    const profiles: Record<string, string> = { 100: '42e01f', 102: '42e01f', 104: '640c1f' };
    const lines = Object.keys(modes).flatMap((type) => [
      `a=rtpmap:${type} H264/90000`,
      `a=fmtp:${type} level-asymmetry-allowed=1;packetization-mode=${modes[type]};profile-level-id=${profiles[type]}`,
      `a=rtcp-fb:${type} nack pli`,
    ]);
    const { answer } = await context.open(
      ownOffer(context.kind, { kinds: ['video'], video: { formats: Object.keys(modes), lines } }),
    );
    const section = acceptedOf(answer)[0];
    if (section === undefined) throw new NotApplicable('H.264 was not accepted');
    for (const value of valuesOf(section.lines, 'fmtp')) {
      const [type = ''] = value.split(' ');
      const mode = /packetization-mode=(\d)/.exec(value)?.[1] ?? '0';
      expect(
        modes[type] === undefined || modes[type] === mode,
        `a=fmtp:${value}, offered with packetization-mode=${modes[type]}`,
      );
    }
    return `m=video … ${section.formats.join(' ')}`;
  },
};
