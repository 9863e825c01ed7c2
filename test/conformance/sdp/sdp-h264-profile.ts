import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { acceptedOf, ownOffer, valuesOf } from '../sdp.ts';

/** Baseline, constrained baseline, main and high, all with packetization-mode=1. */
const offered: Readonly<Record<string, string>> = {
  100: '42001f',
  102: '42e01f',
  104: '4d001f',
  106: '64001f',
};

export const requirement: Requirement = {
  id: 'sdp-h264-profile',
  group: 'sdp',
  kinds: both,
  section: 'RFC 6184, 8.2.2',
  level: 'MUST',
  requirement:
    'H.264 is answered with the profile that was offered under that payload type; only the level may differ.',
  async check(context) {
    const lines = Object.entries(offered).flatMap(([type, profile]) => [
      `a=rtpmap:${type} H264/90000`,
      `a=fmtp:${type} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=${profile}`,
    ]);
    const video = { formats: Object.keys(offered), lines };
    const { answer } = await context.open(ownOffer(context.kind, { kinds: ['video'], video }));
    const section = acceptedOf(answer)[0];
    if (section === undefined) throw new NotApplicable('H.264 was not accepted');
    const seen = valuesOf(section.lines, 'fmtp').flatMap((value) => {
      const [type = ''] = value.split(' ');
      const profile = /profile-level-id=([0-9a-f]{6})/i.exec(value)?.[1]?.toLowerCase();
      if (profile === undefined || offered[type] === undefined) return [];
      expect(
        profileOf(profile) === profileOf(offered[type]),
        `payload type ${type} was offered as ${offered[type]} and answered ${profile}`,
      );
      return `${type}: ${profile}`;
    });
    return seen.join(', ');
  },
};

/** RFC 6184, table 5: some constraint flags say what profile it is, others do not matter. */
function profileOf(profileLevelId: string): string {
  const [idc, flags] = [profileLevelId.slice(0, 2), Number.parseInt(profileLevelId.slice(2, 4), 16)];
  const isConstrained =
    (idc === '42' && (flags & 0x4f) === 0x40) ||
    (idc === '4d' && (flags & 0x8f) === 0x80) ||
    (idc === '58' && (flags & 0xcf) === 0xc0);
  return isConstrained ? 'constrained baseline' : `${idc}, flags ${flags & 0x0f}`;
}
