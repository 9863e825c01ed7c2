import { both, expect, type Requirement } from '../requirement.ts';
import { acceptedOf, ownOffer, valuesOf } from '../sdp.ts';

const mid = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const sequence = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
const sendTime = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time';

export const requirement: Requirement = {
  id: 'sdp-extmap-answer',
  group: 'sdp',
  kinds: both,
  section: 'RFC 8285, 6',
  level: 'MUST',
  requirement: 'The answer has only header extensions of the offer, under the numbers that they have there.',
  async check(context) {
    const offered: Record<string, string> = { 2: sequence, 3: sendTime, 4: mid, 5: mid };
    const sectionLines = Object.entries(offered).map(([id, uri]) => `a=extmap:${id} ${uri}`);
    const { answer } = await context.open(ownOffer(context.kind, { sectionLines }));
    const seen = acceptedOf(answer).map((section) => {
      const extensions = valuesOf(section.lines, 'extmap').map((value) => value.split(' '));
      for (const [id = '', uri = ''] of extensions)
        expect(offered[id.split('/')[0] ?? ''] === uri, `a=extmap:${id} ${uri} was not offered so`);
      return `${section.kind} ${extensions.map(([id]) => id).join(' ') || 'none'}`;
    });
    return seen.join(', ');
  },
};
