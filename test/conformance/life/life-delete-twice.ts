import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'life-delete-twice',
  group: 'life',
  kinds: both,
  section: 'RFC 9110, 9.3.5',
  level: 'SHOULD',
  requirement: 'DELETE of a session that is over is no server error.',
  async check(context) {
    const session = await context.open(ownOffer(context.kind));
    await session.end();
    const { status } = await session.end();
    expect(status < 500, String(status));
    return String(status);
  },
};
