import { describe, requireTrickle } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { fragment, newPwd, newUfrag, ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'ice-mdns-candidate',
  group: 'ice',
  kinds: both,
  section: { whep: '4.5.2', whip: '4.3.2' },
  level: 'MUST',
  requirement:
    'A candidate whose address is a name of mDNS, which may not resolve, is passed over in silence.',
  async check(context) {
    const ice = { ufrag: newUfrag(), pwd: newPwd() };
    const session = await context.open(ownOffer(context.kind, ice));
    const answer = await session.patch(
      fragment({
        ...ice,
        lines: ['a=candidate:1 1 udp 2130706431 7d8a2c0e-7a1f-4b6e-8f57-0d2f2d6f9a11.local 61764 typ host'],
      }),
    );
    requireTrickle(answer);
    expect(answer.status === 204, describe(answer));
    return '204';
  },
};
