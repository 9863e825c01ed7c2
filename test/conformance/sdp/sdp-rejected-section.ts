import { describe } from '../context.ts';
import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { acceptedOf, ownOffer, parseSdp } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-rejected-section',
  group: 'sdp',
  kinds: both,
  section: 'RFC 3264, 6',
  level: 'MUST',
  requirement:
    'A data channel that is not wanted is rejected with port 0, and the rest is answered; a WHIP server may refuse the whole offer (RFC 9725, 4.4.3).',
  async check(context) {
    const created = await context.post(ownOffer(context.kind, { kinds: ['audio', 'video', 'application'] }));
    if ([409, 503].includes(created.status)) throw new NotApplicable(describe(created));
    if (context.kind === 'whip' && created.status >= 400 && created.status < 500) return describe(created);
    expect(created.status === 201, describe(created));
    const answer = parseSdp(created.text);
    expect(answer.sections.length === 3, `${answer.sections.length} sections`);
    const media = acceptedOf(answer).filter(({ kind }) => kind !== 'application');
    expect(media.length > 0, 'no media section was accepted');
    return answer.sections.map(({ kind, port }) => `${kind} ${port}`).join(', ');
  },
};
