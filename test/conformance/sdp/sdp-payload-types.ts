import { both, expect, type Requirement } from '../requirement.ts';
import { acceptedOf, ownOffer, valuesOf } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-payload-types',
  group: 'sdp',
  kinds: both,
  section: 'RFC 3264, 6.1',
  level: 'MUST',
  requirement: 'The answer names payload types of the offer, with the codecs that they have there.',
  async check(context) {
    const offered: Record<string, string> = {
      102: 'h264/90000',
      103: 'rtx/90000',
      96: 'vp8/90000',
      97: 'rtx/90000',
      111: 'opus/48000/2',
    };
    const { answer } = await context.open(ownOffer(context.kind));
    for (const section of acceptedOf(answer)) {
      for (const value of valuesOf(section.lines, 'rtpmap')) {
        const [type = '', codec = ''] = value.split(' ');
        expect(offered[type] === codec.toLowerCase(), `a=rtpmap:${value} was not offered so`);
      }
    }
    return acceptedOf(answer)
      .map(({ kind, formats }) => `${kind} ${formats.join(' ')}`)
      .join(', ');
  },
};
