import { describe } from '../context.ts';
import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { acceptedOf, ownOffer, parseSdp, valuesOf } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-offered-rejected',
  group: 'sdp',
  kinds: both,
  section: 'RFC 3264, 6',
  level: 'MUST',
  requirement:
    'A section that the offer itself rejects (port 0, not bundle-only) is rejected in the answer, and is in no BUNDLE group.',
  async check(context) {
    const offer = ownOffer(context.kind)
      .replace('m=audio 9 ', 'm=audio 0 ')
      .replace('a=group:BUNDLE 0 1', 'a=group:BUNDLE 1');
    const created = await context.post(offer);
    if (created.status >= 400 && created.status < 500) return `refused: ${created.status}`;
    if (created.status !== 201) throw new NotApplicable(describe(created));
    const sdp = parseSdp(created.text);
    const [audio] = sdp.sections;
    const group = valuesOf(sdp.lines, 'group').find((value) => value.startsWith('BUNDLE')) ?? '';
    expect(audio?.port === 0, `m=audio ${audio?.port}`);
    expect(!group.split(' ').includes('0'), `a=group:${group}`);
    expect(
      acceptedOf(sdp).some(({ kind }) => kind === 'video'),
      'the video section was rejected as well',
    );
    return `m=audio 0, ${group}`;
  },
};
