import { describe } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { acceptedOf, ownOffer, parseSdp } from '../sdp.ts';

const h264 = (parameters: string): string[] => [
  'a=rtpmap:102 H264/90000',
  `a=fmtp:102 level-asymmetry-allowed=1;${parameters}`,
];
const offers: Readonly<Record<string, string[]>> = {
  'H.264 mode 0': h264('packetization-mode=0;profile-level-id=42e01f'),
  'H.264 high': h264('packetization-mode=1;profile-level-id=640c1f'),
  'H.264 without parameters': ['a=rtpmap:102 H264/90000'],
  'h264 in small letters': [
    'a=rtpmap:102 h264/90000',
    'a=fmtp:102 packetization-mode=1;profile-level-id=42e01f',
  ],
  VP8: ['a=rtpmap:102 VP8/90000'],
  VP9: ['a=rtpmap:102 VP9/90000', 'a=fmtp:102 profile-id=0'],
  AV1: ['a=rtpmap:102 AV1/90000'],
};

export const requirement: Requirement = {
  id: 'sdp-codecs-one-by-one',
  group: 'sdp',
  kinds: both,
  section: { whep: '4.3.4', whip: '4.4.3' },
  level: 'MUST',
  requirement:
    'Each codec offered alone, H.264 in all its shapes among them, is answered under its payload type or refused with a 4xx.',
  async check(context) {
    const seen = [];
    for (const [name, lines] of Object.entries(offers)) {
      const answer = await context.post(
        ownOffer(context.kind, { kinds: ['video'], video: { formats: ['102'], lines } }),
      );
      const accepted = answer.status === 201 ? acceptedOf(parseSdp(answer.text)) : [];
      const refused = [409, 503].includes(answer.status) || (answer.status >= 400 && answer.status < 500);
      expect(answer.status === 201 || refused, `${name}: ${describe(answer)}`);
      expect(
        accepted.every(({ formats }) => formats.join(' ') === '102'),
        `${name}: answered m=video … ${accepted[0]?.formats.join(' ')}`,
      );
      seen.push(`${name}: ${answer.status === 201 && accepted.length === 0 ? 'rejected' : answer.status}`);
      await context.endAll();
    }
    return seen.join(', ');
  },
};
