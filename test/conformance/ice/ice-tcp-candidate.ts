import { describe, requireTrickle } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { fragment, newPwd, newUfrag, ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'ice-tcp-candidate',
  group: 'ice',
  kinds: both,
  section: { whep: '4.5.2', whip: '4.3.2' },
  level: 'MUST',
  requirement: 'A candidate of a transport that the server has not is passed over in silence.',
  async check(context) {
    const ice = { ufrag: newUfrag(), pwd: newPwd() };
    const session = await context.open(ownOffer(context.kind, ice));
    const answer = await session.patch(
      fragment({ ...ice, lines: ['a=candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active'] }),
    );
    requireTrickle(answer);
    expect(answer.status === 204, describe(answer));
    return '204';
  },
};
