import { describe, requireTrickle } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { fragment, newPwd, newUfrag, ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-trickle-no-content',
  group: 'http',
  kinds: both,
  section: { whep: '4.5.2', whip: '4.3.2' },
  level: 'MUST',
  requirement: 'A PATCH that brings candidates is answered 204, without a body and without an ETag.',
  async check(context) {
    const ice = { ufrag: newUfrag(), pwd: newPwd() };
    const session = await context.open(ownOffer(context.kind, ice));
    const lines = ['a=candidate:1 1 udp 2130706431 192.0.2.1 61764 typ host'];
    const answer = await session.patch(fragment({ ...ice, lines }));
    requireTrickle(answer);
    expect(answer.status === 204 && answer.text === '', describe(answer));
    expect(answer.headers.etag === undefined, `204 with ETag ${answer.headers.etag}`);
    return '204';
  },
};
