import { describe, fragmentType, requireTrickle } from '../context.ts';
import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { fragment, newPwd, newUfrag, ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-patch-precondition-failed',
  group: 'http',
  kinds: both,
  section: { whep: '4.5.1', whip: '4.3.1' },
  level: 'MUST',
  requirement: 'A PATCH whose If-Match names another ICE session is answered 412.',
  async check(context) {
    const ice = { ufrag: newUfrag(), pwd: newPwd() };
    const session = await context.open(ownOffer(context.kind, ice));
    if (session.etag === null) throw new NotApplicable('no ETag: there is nothing to match');
    const headers = { 'content-type': fragmentType, 'if-match': '"another-ice-session"' };
    const answer = await session.patch(fragment(ice), headers);
    requireTrickle(answer);
    expect(answer.status === 412, describe(answer));
    return '412';
  },
};
