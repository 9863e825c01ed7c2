import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-etag',
  group: 'http',
  kinds: both,
  section: { whep: '4.5.1', whip: '4.3.1' },
  level: 'MUST',
  requirement: 'A server that restarts ICE gives 201 a strong ETag, another one for each session.',
  async check(context) {
    const [one, other] = [
      await context.open(ownOffer(context.kind)),
      await context.open(ownOffer(context.kind)),
    ];
    if (one.etag === null) throw new NotApplicable('no ETag: this server does not restart ICE');
    expect(/^"[\x21\x23-\x7e]*"$/.test(one.etag), `ETag: ${one.etag} is no strong entity-tag`);
    expect(one.etag !== other.etag, `two sessions have the ETag ${one.etag}`);
    return `ETag: ${one.etag}, ${other.etag}`;
  },
};
