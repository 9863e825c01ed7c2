import { connectedThroughRelay } from '../connected.ts';
import { both, expect, type Requirement } from '../requirement.ts';

export const requirement: Requirement = {
  id: 'dtls-close-notify',
  group: 'dtls',
  kinds: both,
  section: { whep: '4.4', whip: '4.2' },
  level: 'SHOULD',
  requirement: 'DELETE takes DTLS down: the client hears a close_notify.',
  async check(context) {
    let alert = false;
    const { session, relay } = await connectedThroughRelay(context);
    relay.seen = ({ bytes, from }) => {
      if (from === 'server' && bytes[0] === 21) alert = true;
    };
    await session.end();
    const until = performance.now() + 3_000;
    while (!alert && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(alert, 'no DTLS alert within 3 s of DELETE');
    return 'an alert after DELETE';
  },
};
