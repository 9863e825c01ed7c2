import { describe, fragmentType, requireTrickle } from '../context.ts';
import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { fragment, newPwd, newUfrag, ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-patch-precondition-required',
  group: 'http',
  kinds: both,
  section: { whep: '4.5.1', whip: '4.3.1' },
  level: 'MUST',
  requirement: 'A PATCH without If-Match is answered 428 by a server that gave an ETag.',
  async check(context) {
    const ice = { ufrag: newUfrag(), pwd: newPwd() };
    const session = await context.open(ownOffer(context.kind, ice));
    if (session.etag === null) throw new NotApplicable('no ETag: there is nothing to match');
    const answer = await session.patch(fragment(ice), { 'content-type': fragmentType });
    requireTrickle(answer);
    expect(answer.status === 428, describe(answer));
    return '428';
  },
};
